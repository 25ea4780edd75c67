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
   * Parts in each of which every class has its share: all samples are dealt out class after class, and each part has
   * had its share of them at any time. Chance decides the order within a class.
   */
  static List<int[]> stratified(String who, long[] targets, double[] fractions, long seed) {
    Map<Long, List<Integer>> byClass = IntStream.of(Order.shuffled(targets.length, seed)).boxed()
        .collect(Collectors.groupingBy(i -> targets[i], LinkedHashMap::new, Collectors.toList()));
    int[] all = byClass.values().stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
    int[] sizes = sizes(who, all.length, fractions), taken = new int[sizes.length];
    List<int[]> parts = IntStream.of(sizes).mapToObj(size -> new int[size]).toList();
    for (int t = 0; t < all.length; t++) {
      int p = next(sizes, taken, t + 1, all.length);
      parts.get(p)[taken[p]++] = all[t];
    }
    return parts.stream().map(part -> shuffled(part, seed)).toList();
  }

  /**
   * Which part the t-th of n samples goes to, so that each has had its share of those so far to within a sample:
   * Tijdeman 1980, The chairman assignment problem. Of those that are behind, the one that would be too late first.
   */
  private static int next(int[] sizes, int[] taken, int t, int n) {
    double slack = 1.0 / (2 * sizes.length - 2), soonest = Double.POSITIVE_INFINITY;
    int next = -1;
    for (int p = 0; p < sizes.length; p++) {
      double behind = (double) t * sizes[p] / n - taken[p], time = (1 - slack - behind) / sizes[p];
      if (behind < slack - 1e-9 || time >= soonest) continue;
      next = p;
      soonest = time;
    }
    return next;
  }

  /** The same indices in an order of the seed. */
  private static int[] shuffled(int[] indices, long seed) {
    return IntStream.of(Order.shuffled(indices.length, seed)).map(i -> indices[i]).toArray();
  }
}
