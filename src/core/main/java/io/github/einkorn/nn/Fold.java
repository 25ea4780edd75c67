package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * Images from the columns of their windows, added up where these overlap: (N, C · kernel height · kernel width, places)
 * to (N, C, H, W). The adjoint of {@link Unfold}, not its inverse.
 */
public final class Fold extends BuiltIn {
  private final int height;
  private final int width;
  private final Window window;

  /** Images of a height and a width, and a square window that moves by 1. */
  public Fold(int height, int width, int kernel) {
    this(height, width, Window.of(kernel));
  }

  /**
   * Images of a height and a width, and a window; its stride is 1 unless set.
   *
   * @throws IllegalArgumentException unless height and width are at least 1
   */
  public Fold(int height, int width, Window window) {
    this.height = positive("height", height);
    this.width = positive("width", width);
    this.window = window.convolution();
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.fold(x, height, width, window);
  }

  @Override
  int inputRank() {
    return 3;
  }

  @Override
  protected String details() {
    return "output_size=(" + height + ", " + width + "), "
        + PoolText.of(window, "kernel_size", "dilation", "padding", "stride");
  }
}
