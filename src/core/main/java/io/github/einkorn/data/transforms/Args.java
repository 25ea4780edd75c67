package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/** Argument checks that transforms share. */
final class Args {
  private Args() {}

  /** Extents of a new image. */
  static void extents(String who, int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(who + ": sizes must be at least 1, got " + height + "×" + width);
    }
  }

  static void notNegative(String who, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(who + " must not be negative, got " + value);
    }
  }

  static void probability(String who, double p) {
    Check.range(who + ": p", p, 0, 1);
  }

  /** 0 &lt; low &lt;= high. */
  static void interval(String who, double low, double high) {
    if (!(low > 0 && low <= high && high < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(who + " must be positive and in order, got " + low + ", " + high);
    }
  }
}
