package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Locale;

/**
 * Initial values of parameters, as {@code torch.nn.init}. Every method fills the float tensor in place, outside the
 * graph, from {@link io.github.einkorn.Einkorn#seed}, and returns it.
 *
 * <p>The fans of a weight (out, in, kernel…) are fan_in = in · kernel and fan_out = out · kernel.
 */
public final class Init {
  /** Which of the two fans. */
  public enum Fan {
    /** in · kernel. */
    IN,
    /** out · kernel. */
    OUT
  }

  private Init() {}

  /** x ~ N(mean, std²). */
  public static Tensor normal(Tensor t, double mean, double std) {
    return t.normalInPlace(mean, std);
  }

  /** x ~ U[low, high). */
  public static Tensor uniform(Tensor t, double low, double high) {
    return t.uniformInPlace(low, high);
  }

  /** x = value. */
  public static Tensor constant(Tensor t, double value) {
    Check.floats("constant", t);
    return t.fillInPlace(Check.finite("constant", value));
  }

  /** x = 0. */
  public static Tensor zeros(Tensor t) {
    return constant(t, 0);
  }

  /** x = 1. */
  public static Tensor ones(Tensor t) {
    return constant(t, 1);
  }

  /** As {@link #xavierUniform(Tensor, double)} with gain 1. */
  public static Tensor xavierUniform(Tensor t) {
    return xavierUniform(t, 1);
  }

  /**
   * x ~ U(±gain √(6 / (fan_in + fan_out))) (Glorot and Bengio 2010).
   *
   * @throws ShapeException if the tensor has fewer than two dimensions
   */
  public static Tensor xavierUniform(Tensor t, double gain) {
    double bound = positive(gain) * Math.sqrt(6.0 / (fanIn(t) + fanOut(t)));
    return uniform(t, -bound, bound);
  }

  /** As {@link #xavierNormal(Tensor, double)} with gain 1. */
  public static Tensor xavierNormal(Tensor t) {
    return xavierNormal(t, 1);
  }

  /**
   * x ~ N(0, gain² · 2 / (fan_in + fan_out)) (Glorot and Bengio 2010).
   *
   * @throws ShapeException if the tensor has fewer than two dimensions
   */
  public static Tensor xavierNormal(Tensor t, double gain) {
    return normal(t, 0, positive(gain) * Math.sqrt(2.0 / (fanIn(t) + fanOut(t))));
  }

  /**
   * x ~ U(±√(6 / fan_in)), for layers followed by ReLU (He et al. 2015).
   *
   * @throws ShapeException if the tensor has fewer than two dimensions
   */
  public static Tensor heUniform(Tensor t) {
    double bound = Math.sqrt(6.0 / fanIn(t));
    return uniform(t, -bound, bound);
  }

  /**
   * x ~ N(0, 2 / fan_in), for layers followed by ReLU (He et al. 2015).
   *
   * @throws ShapeException if the tensor has fewer than two dimensions
   */
  public static Tensor heNormal(Tensor t) {
    return heNormal(t, Fan.IN);
  }

  /**
   * x ~ N(0, 2 / fan), which keeps the variance of activations (fan in) or of gradients (fan out), as {@code
   * kaiming_normal_(w, mode='fan_out', nonlinearity='relu')} does.
   *
   * @throws ShapeException if the tensor has fewer than two dimensions
   */
  public static Tensor heNormal(Tensor t, Fan fan) {
    return normal(t, 0, Math.sqrt(2.0 / (fan == Fan.IN ? fanIn(t) : fanOut(t))));
  }

  /** {@link #heUniform} by PyTorch's name. */
  public static Tensor kaimingUniform(Tensor t) {
    return heUniform(t);
  }

  /** {@link #heNormal} by PyTorch's name. */
  public static Tensor kaimingNormal(Tensor t) {
    return heNormal(t);
  }

  /** {@link #heNormal(Tensor, Fan)} by PyTorch's name. */
  public static Tensor kaimingNormal(Tensor t, Fan fan) {
    return heNormal(t, fan);
  }

  /**
   * The factor recommended before an activation, as {@code torch.nn.init.calculate_gain}: 1 for linear, conv2d and
   * sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + 0.01²)) for leaky_relu.
   *
   * @throws IllegalArgumentException for another name
   */
  public static double gain(String activation) {
    return switch (activation.toLowerCase(Locale.ROOT)) {
      case "linear", "conv2d", "sigmoid" -> 1;
      case "tanh" -> 5.0 / 3;
      case "relu" -> Math.sqrt(2);
      case "leaky_relu", "leakyrelu" -> Math.sqrt(2 / (1 + 0.01 * 0.01));
      default -> throw new IllegalArgumentException("no gain is known for '" + activation
          + "': expected linear, conv2d, sigmoid, tanh, relu or leaky_relu");
    };
  }

  /** PyTorch's default for weights and biases: U(±1/√fan_in), which is He's with gain √(1/3), a = √5. */
  static Tensor standard(Tensor t, long fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return uniform(t, -bound, bound);
  }

  static long fanIn(Tensor t) {
    return fan(t, 1);
  }

  private static long fanOut(Tensor t) {
    return fan(t, 0);
  }

  private static long fan(Tensor t, int axis) {
    Shape s = t.shape();
    if (s.rank() < 2) throw new ShapeException("fan in and fan out need at least 2 dimensions, got shape " + s);
    return s.dim(axis) * s.size(2, s.rank());
  }

  private static double positive(double gain) {
    return Check.range("gain", gain, 0, Float.MAX_VALUE);
  }
}
