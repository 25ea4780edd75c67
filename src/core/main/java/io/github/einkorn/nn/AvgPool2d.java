package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** The mean of each window: (N, C, H, W) to (N, C, H', W'). */
public final class AvgPool2d extends BuiltIn {
  private final Window window;
  private boolean countIncludePad = true;

  /** A square window that moves by its size. */
  public AvgPool2d(int kernel) {
    this(Window.of(kernel));
  }

  /** A window; its stride is its kernel unless set. */
  public AvgPool2d(Window window) {
    this.window = window.pooling();
  }

  /** Whether padding counts as zeros (the default, as in PyTorch) or not at all (as in Keras). Returns this. */
  public AvgPool2d countIncludePad(boolean wanted) {
    countIncludePad = wanted;
    return this;
  }

  Window window() {
    return window;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.avgPool2d(x, window, countIncludePad);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return PoolText.of(window, "kernel_size", "stride", "padding");
  }
}
