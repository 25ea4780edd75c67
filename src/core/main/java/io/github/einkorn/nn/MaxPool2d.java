package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;

/** The largest value in each window: (N, C, H, W) to (N, C, H', W'). Padding never wins. */
public final class MaxPool2d extends BuiltIn {
  private final Window window;

  /** A square window that moves by its size. */
  public MaxPool2d(int kernel) {
    this(Window.of(kernel));
  }

  /** A window; its stride is its kernel unless set. */
  public MaxPool2d(Window window) {
    this.window = window.pooling();
  }

  Window window() {
    return window;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.maxPool2d(x, window);
  }

  @Override
  Tensor compute(Tensor x, Activation behind) {
    return behind == Activation.RELU ? Functional.maxPool2d(x, window, true) : super.compute(x, behind);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return PoolText.of(window, "kernel_size", "stride", "padding", "dilation", "ceil_mode");
  }
}
