package io.github.einkorn.data;

import io.github.einkorn.FormatException;
import java.util.Arrays;

/** A growing array. */
final class FloatList {
  private static final int MAX = Integer.MAX_VALUE - 8;

  private float[] values = new float[1024];
  private int n;

  void add(float v) {
    if (n == MAX) throw new FormatException("more than " + MAX + " numbers in one table: split it");
    if (n == values.length) values = Arrays.copyOf(values, (int) Math.min(MAX, n * 2L));
    values[n++] = v;
  }

  float[] toArray() {
    return Arrays.copyOf(values, n);
  }
}
