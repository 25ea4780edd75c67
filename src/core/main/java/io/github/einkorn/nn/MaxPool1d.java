package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** The largest value in each window: (N, C, L) to (N, C, L'). Padding never wins. */
public final class MaxPool1d extends BuiltIn {
  private final Window window;

  /** A window that moves by its size. */
  public MaxPool1d(int kernel) {
    this(Window.of(kernel));
  }

  /**
   * A window; its stride is its kernel unless set.
   *
   * @throws io.github.einkorn.ShapeException if the window's directions differ
   */
  public MaxPool1d(Window window) {
    this.window = window.row().pooling();
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.maxPool1d(x, window);
  }

  @Override
  int inputRank() {
    return 3;
  }

  @Override
  protected String details() {
    return PoolText.of(Line.text(window).replaceAll("\\((\\d+),\\)", "$1"), "0", "kernel_size", "stride", "padding",
        "dilation", "ceil_mode");
  }
}
