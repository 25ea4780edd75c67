package io.github.einkorn.examples;

import java.util.Locale;
import java.util.Objects;

/** What a lecture says a program shows, what ours shows, and whether that is met. */
record Figure(String what, String lecture, String ours, boolean met) {
  /** A number that should be this great or greater. */
  static Figure atLeast(String what, double bound, double ours) {
    return new Figure(what, "≥ " + number(bound), number(ours), ours >= bound);
  }

  /** A number that should be this small or smaller. */
  static Figure atMost(String what, double bound, double ours) {
    return new Figure(what, "≤ " + number(bound), number(ours), ours <= bound);
  }

  /** A number that should differ from the lecture's by no more than the tolerance. */
  static Figure near(String what, double expected, double tolerance, double ours) {
    return new Figure(what, number(expected) + " ± " + number(tolerance), number(ours),
        Math.abs(ours - expected) <= tolerance);
  }

  /** A value or text that should be just this. */
  static Figure equal(String what, Object expected, Object ours) {
    return new Figure(what, text(expected), text(ours), Objects.equals(expected, ours));
  }

  /** Something that is so or not. */
  static Figure holds(String what, boolean ours) {
    return new Figure(what, "yes", ours ? "yes" : "no", ours);
  }

  private static String text(Object value) {
    return value instanceof Integer || value instanceof Long ? String.format(Locale.ROOT, "%,d", value) : "" + value;
  }

  private static String number(double v) {
    double size = Math.abs(v);
    if (v == Math.rint(v) && size < 1e15) return String.format(Locale.ROOT, "%,.0f", v);
    if (size < 0.001 || size >= 1e6) return String.format(Locale.ROOT, "%.2e", v);
    return String.format(Locale.ROOT, size < 1 ? "%.4f" : "%,.3f", v).replaceFirst("0+$", "");
  }

  /** As {@code accuracy: the lecture ≥ 0.978, here 0.9805, met}. */
  @Override
  public String toString() {
    return what + ": the lecture " + lecture + ", here " + ours + (met ? ", met" : ", NOT MET");
  }
}
