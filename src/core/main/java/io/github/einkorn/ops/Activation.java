package io.github.einkorn.ops;

import io.github.einkorn.Tensor;

/** What may stand between a convolution and its pooling, in the order of the native library's numbers. */
public enum Activation {
  IDENTITY,
  RELU,
  TANH,
  SIGMOID;

  /** y = f(x). */
  Tensor of(Tensor x) {
    return switch (this) {
      case IDENTITY -> x;
      case RELU -> x.relu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
    };
  }
}
