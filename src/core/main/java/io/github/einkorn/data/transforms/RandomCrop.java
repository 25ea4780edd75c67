package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/**
 * Cuts out a window at a random place.
 *
 * @param height rows of the result
 * @param width columns of the result
 * @param padding pixels put around the image before; default 0
 * @param padIfNeeded whether an image that is too small is padded as far as it must; default false
 * @param fill the value of padded pixels, in [0, 1]; default 0
 */
public record RandomCrop(int height, int width, int padding, boolean padIfNeeded, float fill) implements Transform {
  /** A square. */
  public RandomCrop(int size) {
    this(size, size);
  }

  /** A rectangle. */
  public RandomCrop(int height, int width) {
    this(height, width, 0, false, 0);
  }

  /** Refuses sizes below 1 and negative padding. */
  public RandomCrop {
    Args.extents("RandomCrop", height, width);
    if (padding < 0 || padding > Short.MAX_VALUE) {
      throw new IllegalArgumentException("RandomCrop: padding must lie in 0..32767, got " + padding);
    }
    Check.finite("RandomCrop: fill", fill);
  }

  /** The same with pixels put around the image before. */
  public RandomCrop padding(int pixels) {
    return new RandomCrop(height, width, pixels, padIfNeeded, fill);
  }

  /** The same, padding images that are too small or refusing them. */
  public RandomCrop padIfNeeded(boolean wanted) {
    return new RandomCrop(height, width, padding, wanted, fill);
  }

  /** The same with another value of padded pixels. */
  public RandomCrop fill(double value) {
    return new RandomCrop(height, width, padding, padIfNeeded, (float) value);
  }

  /**
   * A window, each place being as likely.
   *
   * @throws io.github.einkorn.ShapeException if the image, padded, is smaller
   */
  @Override
  public Image apply(Image image, Draws draws) {
    int tall = padding;
    int wide = padding;
    if (padIfNeeded) { // on both sides as many as are missing, as torchvision
      tall += Math.max(0, height - image.height() - 2 * padding);
      wide += Math.max(0, width - image.width() - 2 * padding);
    } else {
      Crop.fits("RandomCrop", image, padding, height, width);
    }
    int top = draws.integer(image.height() + 2 * tall - height + 1) - tall;
    int left = draws.integer(image.width() + 2 * wide - width + 1) - wide;
    return Crop.of(image, top, left, height, width, fill);
  }
}
