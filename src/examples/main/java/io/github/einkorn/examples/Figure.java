package io.github.einkorn.examples;

import java.util.Locale;
import java.util.Objects;

/** What a program should show, by the lecture or by us, what it shows, and whether that is met. */
record Figure(String what, String expected, String here, boolean met, boolean ofLecture) {
  private Figure(String what, String expected, String here, boolean met) {
    this(what, expected, here, met, true);
  }

  /** The same, where the lecture gives no figure and the bound is ours. */
  Figure own() {
    return new Figure(what, expected, here, met, false);
  }

  /** A number that should be this great or greater. */
  static Figure atLeast(String what, double bound, double here) {
    return new Figure(what, "≥ " + number(bound), number(here), here >= bound);
  }

  /** A number that should be this small or smaller. */
  static Figure atMost(String what, double bound, double here) {
    return new Figure(what, "≤ " + number(bound), number(here), here <= bound);
  }

  /** A number that should differ from the lecture's by no more than the tolerance. */
  static Figure near(String what, double expected, double tolerance, double here) {
    return new Figure(what, number(expected) + " ± " + number(tolerance), number(here),
        Math.abs(here - expected) <= tolerance);
  }

  /** A value or text that should be just this. */
  static Figure equal(String what, Object expected, Object here) {
    return new Figure(what, text(expected), text(here), Objects.equals(expected, here));
  }

  /** Something that is so or not. */
  static Figure holds(String what, boolean here) {
    return new Figure(what, "yes", here ? "yes" : "no", here);
  }

  private static String text(Object value) {
    return value instanceof Integer || value instanceof Long ? String.format(Locale.ROOT, "%,d", value) : "" + value;
  }

  private static String number(double v) {
    double size = Math.abs(v);
    if (v == Math.rint(v) && size < 1e15) return String.format(Locale.ROOT, "%,.0f", v);
    if (size < 0.001 || size >= 1e6) return String.format(Locale.ROOT, "%.2e", v);
    return String.format(Locale.ROOT, size < 1 ? "%.4f" : "%,.3f", v).replaceFirst("\\.?0+$", "");
  }

  /** As {@code accuracy: the lecture ≥ 0.978, here 0.9805, met}; of our own, {@code expected} instead. */
  @Override
  public String toString() {
    String by = ofLecture ? "the lecture " : "expected ";
    return what + ": " + by + expected + ", here " + here + (met ? ", met" : ", NOT MET");
  }
}
