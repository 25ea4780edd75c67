package io.github.einkorn.ops;

import io.github.einkorn.Tensor;

/** What operations may apply to their output, in the order of the native library's numbers. */
public enum Activation {
  IDENTITY(null),
  RELU(Relu.class),
  TANH(Tanh.class),
  SIGMOID(Sigmoid.class),
  RELU6(Relu6.class);

  /** The operation that it is by itself; null for IDENTITY. */
  public final Class<?> op;

  Activation(Class<?> op) {
    this.op = op;
  }

  /** Whether it is max(x, 0), cut off above or not. */
  public boolean isRectifier() {
    return this == RELU || this == RELU6;
  }

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

  /** That which an operation is by itself, or IDENTITY if it is none. */
  public static Activation byOp(Class<?> op) {
    for (Activation a : values()) if (a.op == op) return a;
    return IDENTITY;
  }
}
