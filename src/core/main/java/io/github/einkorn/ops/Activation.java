package io.github.einkorn.ops;

import io.github.einkorn.Tensor;

/** What operations may apply to their output, in the order of the native library's numbers. */
public enum Activation {
  IDENTITY,
  RELU,
  TANH,
  SIGMOID,
  RELU6;

  /** y = f(x). */
  public Tensor of(Tensor x) {
    return switch (this) {
      case IDENTITY -> x;
      case RELU -> x.relu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
      case RELU6 -> Relu6.apply(x);
    };
  }

  /** The gradient of x from y, in its format, and the gradient of y; of a rectifier. */
  Tensor gradient(Tensor y, Tensor gy) {
    return switch (this) {
      case RELU -> Relu.gradient(y, gy);
      case RELU6 -> Relu6.gradient(y, gy);
      default -> throw new IllegalStateException(name());
    };
  }

  /** The rectifier that an operation is, or IDENTITY if it is none. */
  public static Activation rectifier(Class<?> op) {
    return op == Relu.class ? RELU : op == Relu6.class ? RELU6 : IDENTITY;
  }
}
