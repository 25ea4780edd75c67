package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * The largest value of each of h × w windows that cover the image evenly: (N, C, H, W) to (N, C, h, w), whatever
 * H and W are. Window i of n reaches from floor(i H / n) to ceil((i + 1) H / n), as in PyTorch.
 */
public final class AdaptiveMaxPool2d extends AdaptivePool2d {
  /**
   * To size × size.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public AdaptiveMaxPool2d(int size) {
    this(size, size);
  }

  /**
   * To a height and a width.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public AdaptiveMaxPool2d(int height, int width) {
    super(height, width);
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.adaptiveMaxPool2d(x, height, width);
  }
}
