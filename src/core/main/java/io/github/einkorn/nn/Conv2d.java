package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import io.github.einkorn.ops.ConvPool2d;

/**
 * y = x ⋆ W + b: (N, in, H, W) to (N, out, H', W'). W (out, in / groups, kernel height, kernel width) and b (out) start
 * from U(±1/√fan_in) with fan_in = in / groups · kernel, as in PyTorch.
 */
public final class Conv2d extends Convolution<Conv2d> {
  /**
   * With a square kernel, stride 1 and no padding.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel));
  }

  /**
   * With a window; its stride is 1 unless set.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public Conv2d(int in, int out, Window window) {
    super(in, out, window);
  }

  @Override
  Conv2d self() {
    return this;
  }

  @Override
  Shape weightShape(int groups) {
    return Shape.of(out, in / groups, window.height().kernel(), window.width().kernel());
  }

  @Override
  Tensor compute(Tensor x) {
    return compute(x, Activation.IDENTITY);
  }

  @Override
  Tensor compute(Tensor x, Activation behind) {
    return Functional.conv2d(x, weight(), bias(), window, groups(), behind);
  }

  /** The pooling of its output; null where it is not faster at once. */
  Tensor runPooling(Tensor x, ConvPool2d.Pooling pooling) {
    if (groups() != 1 || x.rank() != 4) return null;
    return named(() -> ConvPool2d.apply(x, weight(), bias(), window, pooling));
  }
}
