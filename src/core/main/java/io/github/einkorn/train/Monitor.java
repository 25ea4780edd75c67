package io.github.einkorn.train;

import java.util.Objects;
import java.util.regex.Pattern;

/** Which number a callback watches, and when one value of it is better than another. NaN is never better. */
final class Monitor {
  private static final Pattern GROWING =
      Pattern.compile("(?:^|_)(?:acc|accuracy|auc|fmeasure|f1[a-z]*|precision|recall)\\d*(?:_|$)");

  private final String who;
  private String mode = "auto";
  private double minDelta;
  String name;

  Monitor(String who, String name) {
    this.who = who;
    name(name);
  }

  void name(String name) {
    this.name = Objects.requireNonNull(name, "monitor");
  }

  void mode(String mode) {
    if (!mode.equals("auto") && !mode.equals("min") && !mode.equals("max")) {
      throw new IllegalArgumentException(who + ": mode must be auto, min or max, got \"" + mode + "\"");
    }
    this.mode = mode;
  }

  void minDelta(double delta) {
    minDelta = notNegative(who, "minDelta", delta);
  }

  private boolean grows() {
    return mode.equals("max") || mode.equals("auto") && !name.endsWith("loss") && GROWING.matcher(name).find();
  }

  /** What every value is better than. */
  double worst() {
    return grows() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  boolean better(double value, double than) {
    return grows() ? value - minDelta > than : value + minDelta < than;
  }

  static double notNegative(String who, String what, double value) {
    if (!(value >= 0 && value <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(who + ": " + what + " must be finite and not negative, got " + value);
    }
    return value;
  }

  static int notNegative(String who, String what, int value) {
    if (value < 0) throw new IllegalArgumentException(who + ": " + what + " must not be negative, got " + value);
    return value;
  }
}
