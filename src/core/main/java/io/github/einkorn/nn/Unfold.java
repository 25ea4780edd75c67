package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** The windows of images as columns: (N, C, H, W) to (N, C · kernel height · kernel width, places). */
public final class Unfold extends BuiltIn {
  private final Window window;

  /** A square window that moves by 1. */
  public Unfold(int kernel) {
    this(Window.of(kernel));
  }

  /** A window; its stride is 1 unless set. */
  public Unfold(Window window) {
    this.window = window.convolution();
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.unfold(x, window);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return PoolText.of(window, "kernel_size", "dilation", "padding", "stride");
  }
}
