package io.github.einkorn.train;

import java.util.Locale;

/** Numbers and durations as people read them. */
final class Text {
  private Text() {}

  /** Four decimals, as {@code 0.0712}; a power of ten where these show too little or too much. */
  static String number(double v) {
    if (!Double.isFinite(v)) return String.valueOf(v);
    double a = Math.abs(v);
    return String.format(Locale.ROOT, a == 0 || a >= 1e-3 && a < 1e6 ? "%.4f" : "%.4e", v);
  }

  /** Per second: {@code 5120}, {@code 8.3}. */
  static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 100 ? "%.1f" : "%.0f", perSecond);
  }

  /** {@code 4 s}, {@code 1 min 20 s}, {@code 2 h 5 min}; tenths below ten seconds if asked. */
  static String duration(double seconds, boolean tenths) {
    if (tenths && seconds < 9.95) return String.format(Locale.ROOT, "%.1f s", seconds);
    long s = Math.round(seconds);
    if (s < 60) return s + " s";
    return s < 3600 ? s / 60 + " min " + s % 60 + " s" : s / 3600 + " h " + s / 60 % 60 + " min";
  }
}
