package io.github.einkorn.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Data sets cut into parts. */
final class Splits {
  private Splits() {}

  /** Cuts an order of the samples into parts of these fractions. */
  static List<int[]> cut(String who, int[] order, double[] fractions) {
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
    List<int[]> parts = new ArrayList<>();
    double sum = 0;
    int from = 0;
    for (double f : fractions) {
      sum += f;
      int to = (int) Math.round(sum / total * order.length);
      if (to == from) {
        throw new IllegalArgumentException(who + ": " + Arrays.toString(fractions) + " of " + order.length
            + " samples leaves part " + parts.size() + " empty");
      }
      parts.add(Arrays.copyOfRange(order, from, to));
      from = to;
    }
    return parts;
  }

  /**
   * An order in which every class is spread evenly, so that each piece of it has its share of each: the r-th of a
   * class's n samples stands at (r + ½) / n; chance decides which is the r-th, and between equals.
   */
  static int[] stratified(long[] targets, long seed) {
    int n = targets.length;
    int[] shuffled = Order.shuffled(n, seed);
    Map<Long, Integer> count = new HashMap<>();
    for (long y : targets) count.merge(y, 1, Integer::sum);
    Map<Long, Integer> seen = new HashMap<>();
    double[] place = new double[n];
    for (int i : shuffled) place[i] = (seen.merge(targets[i], 1, Integer::sum) - 0.5) / count.get(targets[i]);
    return IntStream.of(shuffled).boxed().sorted(Comparator.comparingDouble(i -> place[i]))
        .mapToInt(Integer::intValue).toArray();
  }

  /** The same indices in an order of the seed. */
  static int[] shuffled(int[] indices, long seed) {
    return IntStream.of(Order.shuffled(indices.length, seed)).map(i -> indices[i]).toArray();
  }
}
