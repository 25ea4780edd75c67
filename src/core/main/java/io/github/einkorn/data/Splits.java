package io.github.einkorn.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Data sets cut into parts. */
final class Splits {
  private Splits() {}

  /** Cuts an order of the samples into parts of these fractions. */
  static List<int[]> cut(String who, int[] order, double[] fractions) {
    List<int[]> parts = new ArrayList<>();
    int from = 0;
    for (int size : sizes(who, order.length, fractions)) parts.add(Arrays.copyOfRange(order, from, from += size));
    return parts;
  }

  /** The sizes of parts of n samples. */
  private static int[] sizes(String who, int n, double[] fractions) {
    double total = 0;
    for (double f : fractions) {
      if (!(f > 0 && f < 1)) {
        throw new IllegalArgumentException(who + ": a fraction must lie between 0 and 1, got " + f);
      }
      total += f;
    }
    if (Math.abs(total - 1) > 1e-6) {
      throw new IllegalArgumentException(
          who + ": " + Arrays.toString(fractions) + " add up to " + total + ", not to 1");
    }
    int[] sizes = new int[fractions.length];
    double sum = 0;
    int from = 0;
    for (int i = 0; i < sizes.length; i++) {
      sum += fractions[i];
      int to = (int) Math.round(sum / total * n);
      if (to == from) {
        throw new IllegalArgumentException(who + ": " + Arrays.toString(fractions) + " of " + n
            + " samples leaves part " + i + " empty");
      }
      sizes[i] = to - from;
      from = to;
    }
    return sizes;
  }

  /**
   * Parts in each of which every class has its share: of all samples, class after class, a part takes some at equal
   * distances, which is the share of each class rounded up or down. Chance decides the order within a class.
   */
  static List<int[]> stratified(String who, long[] targets, double[] fractions, long seed) {
    Map<Long, List<Integer>> byClass = IntStream.of(Order.shuffled(targets.length, seed)).boxed()
        .collect(Collectors.groupingBy(i -> targets[i], LinkedHashMap::new, Collectors.toList()));
    int[] rest = byClass.values().stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
    List<int[]> parts = new ArrayList<>();
    for (int size : sizes(who, rest.length, fractions)) {
      int[] part = new int[size], left = new int[rest.length - size];
      long n = rest.length, sum = n / 2;
      int taken = 0;
      for (int i = 0; i < n; i++) {
        sum += size;
        if (sum >= n) {
          sum -= n;
          part[taken++] = rest[i];
        } else {
          left[i - taken] = rest[i];
        }
      }
      parts.add(shuffled(part, seed));
      rest = left;
    }
    return parts;
  }

  /** The same indices in an order of the seed. */
  private static int[] shuffled(int[] indices, long seed) {
    return IntStream.of(Order.shuffled(indices.length, seed)).map(i -> indices[i]).toArray();
  }
}
