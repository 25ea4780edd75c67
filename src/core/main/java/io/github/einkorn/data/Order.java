package io.github.einkorn.data;

import java.util.SplittableRandom;

/** Orders of samples. */
final class Order {
  private Order() {}

  /** from, from + 1, …, to - 1. */
  static int[] range(int from, int to) {
    int[] order = new int[to - from];
    for (int i = 0; i < order.length; i++) order[i] = from + i;
    return order;
  }

  /** 0..n-1 shuffled (Fisher and Yates); depends on the seed alone. */
  static int[] shuffled(int n, long seed) {
    int[] order = range(0, n);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = n - 1; i > 0; i--) {
      int j = (int) ((random.nextLong() >>> 33) * (i + 1L) >>> 31); // 31 random bits, scaled to 0..i
      int t = order[i];
      order[i] = order[j];
      order[j] = t;
    }
    return order;
  }
}
