package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import java.math.BigDecimal;
import java.util.List;

/** A layer of the library: however it is called, errors name it and hooks see its output. */
abstract class BuiltIn extends Layer {
  /** The output for a batch; {@link #forward} adds what all layers have in common. */
  abstract Tensor compute(Tensor x);

  /** An activation of the output for a batch; layers that can, compute it in one pass: {@link Fusion#takes}. */
  Tensor compute(Tensor x, Activation behind) {
    return behind.of(compute(x));
  }

  /** As {@link #run} of this layer and an activation behind it, both without hooks. */
  final Tensor run(Tensor x, Activation behind) {
    return named(() -> compute(x, behind));
  }

  @Override
  public final Tensor forward(Tensor x) {
    return run(x);
  }

  @Override
  final List<Tensor> run(List<Tensor> xs) {
    return forward(xs);
  }

  @Override
  final Tensor call(Tensor x) {
    return compute(x);
  }

  @Override
  boolean isPlain() {
    return !isHooked() && hasPlainChildren();
  }

  final int positive(String what, int value) {
    if (value < 1) throw new IllegalArgumentException(type() + ": " + what + " must be at least 1, got " + value);
    return value;
  }

  /** A truth value as Python prints it. */
  static String python(boolean b) {
    return b ? "True" : "False";
  }

  /** A number as Python prints it: 0.1, 1.0, 1e-05, inf. */
  static String python(double v) {
    if (!Double.isFinite(v)) return Double.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
    var exact = new BigDecimal(Double.toString(v)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (v == 0 || exponent >= -4 && exponent < 16) {
      String s = exact.toPlainString();
      return s.contains(".") ? s : s + ".0";
    }
    String digits = exact.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return (v < 0 ? "-" : "") + digits.charAt(0) + fraction
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
