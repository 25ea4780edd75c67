package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** The mean of each window: (N, C, L) to (N, C, L'). */
public final class AvgPool1d extends BuiltIn {
  private final Window window;
  private boolean countIncludePad = true;

  /** A window that moves by its size. */
  public AvgPool1d(int kernel) {
    this(Window.of(kernel));
  }

  /**
   * A window; its stride is its kernel unless set.
   *
   * @throws io.github.einkorn.ShapeException if the window's directions differ
   */
  public AvgPool1d(Window window) {
    this.window = window.row().pooling();
  }

  /** Whether padding counts as zeros (the default, as in PyTorch) or not at all (as in Keras). Returns this. */
  public AvgPool1d countIncludePad(boolean wanted) {
    countIncludePad = wanted;
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.avgPool1d(x, window, countIncludePad);
  }

  @Override
  int inputRank() {
    return 3;
  }

  @Override
  protected String details() {
    return PoolText.of(Line.text(window), "(0,)", "kernel_size", "stride", "padding");
  }
}
