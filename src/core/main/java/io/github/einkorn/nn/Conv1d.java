package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;

/**
 * y = x ⋆ W + b: (N, in, L) to (N, out, L'). W (out, in / groups, kernel) and b (out) start from U(±1/√fan_in) with
 * fan_in = in / groups · kernel, as in PyTorch. It is a convolution of images of one row.
 *
 * <p>A window that was given both directions at once is meant: {@code Window.of(3).pad(1)}, {@code Window.same(3)};
 * {@code Window.of(3).pad(2, 2, 0, 0)} pads before the line alone, so that no output sees what comes later.
 */
public final class Conv1d extends Convolution<Conv1d> {
  /**
   * With stride 1 and no padding.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public Conv1d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel));
  }

  /**
   * With a window; its stride is 1 unless set.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   * @throws io.github.einkorn.ShapeException if the window's directions differ
   */
  public Conv1d(int in, int out, Window window) {
    super(in, out, window.row());
  }

  @Override
  Conv1d self() {
    return this;
  }

  @Override
  Shape weightShape(int groups) {
    return Shape.of(out, in / groups, window.width().kernel());
  }

  @Override
  Tensor compute(Tensor x) {
    return compute(x, Activation.IDENTITY);
  }

  @Override
  Tensor compute(Tensor x, Activation behind) {
    return Line.conv(x, weight(), bias(), window, groups(), behind);
  }

  @Override
  int inputRank() {
    return 3;
  }

  @Override
  String windowText() {
    return Line.text(window);
  }
}
