package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y = the convolution backwards, + b: (N, in, H, W) to (N, out, H', W') with {@code H' = (H - 1) stride - padding -
 * padding + dilation (kernel - 1) + outputPadding + 1}. Each x adds W, scaled by it, to a window of y. W (in, out /
 * groups, kernel height, kernel width) and b (out) start from U(±1/√fan) with fan = out / groups · kernel, as in
 * PyTorch. With {@code Window.same(k)} H' is H · stride, as in Keras.
 */
public final class ConvTranspose2d extends Convolution<ConvTranspose2d> {
  private int moreHeight;
  private int moreWidth;

  /**
   * With a square kernel, stride 1 and no padding.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public ConvTranspose2d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel));
  }

  /**
   * With a window; its stride is 1 unless set, and its padding is what is cut off y.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public ConvTranspose2d(int in, int out, Window window) {
    super(in, out, window);
  }

  @Override
  ConvTranspose2d self() {
    return this;
  }

  /** As {@link #outputPadding(int, int)}, for both directions. */
  public ConvTranspose2d outputPadding(int both) {
    return outputPadding(both, both);
  }

  /**
   * Rows and columns more at the far sides of y, of which the convolution with this window leaves x as large: where the
   * stride is not 1, it does so for several sizes. The default is 0. Returns this.
   *
   * @throws io.github.einkorn.ShapeException unless they are at least 0 and below the stride
   */
  public ConvTranspose2d outputPadding(int vertical, int horizontal) {
    window.height().checkMore(vertical);
    window.width().checkMore(horizontal);
    moreHeight = vertical;
    moreWidth = horizontal;
    return this;
  }

  @Override
  Shape weightShape(int groups) {
    return Shape.of(in, out / groups, window.height().kernel(), window.width().kernel());
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.convTranspose2d(x, weight(), bias(), window, moreHeight, moreWidth, groups());
  }

  @Override
  String windowText() {
    return window + (moreHeight + moreWidth > 0 ? ", output_padding=(" + moreHeight + ", " + moreWidth + ")" : "");
  }
}
