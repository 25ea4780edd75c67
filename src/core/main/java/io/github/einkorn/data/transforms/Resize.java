package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;

/** Another size, bilinear, antialiased when shrinking, as torchvision (values are not rounded to 1/255, though). */
public final class Resize implements FixedTransform {
  private final int height;
  private final int width; // 0: height is the shorter side

  /** The shorter side becomes {@code size}, the other one keeps the proportion, rounded down. */
  public Resize(int size) {
    Args.extents("Resize", size, size);
    height = size;
    width = 0;
  }

  /** Exactly this size, whatever the proportion. */
  public Resize(int height, int width) {
    Args.extents("Resize", height, width);
    this.height = height;
    this.width = width;
  }

  /**
   * The image in the new size.
   *
   * @throws ShapeException if an image that is very long and thin would become too large
   */
  @Override
  public Image apply(Image image) {
    if (width > 0) return Resample.bilinear(image, height, width);
    int shorter = Math.min(image.height(), image.width());
    long longer = (long) height * Math.max(image.height(), image.width()) / shorter;
    if (longer > Short.MAX_VALUE && shorter < height) {
      throw new ShapeException(this + ": an image of " + image.extents() + " would become " + longer + " pixels long: "
          + "give both sides, Resize(height, width)");
    }
    boolean tall = image.height() > image.width();
    return Resample.bilinear(image, tall ? (int) longer : height, tall ? height : (int) longer);
  }

  @Override
  public String toString() {
    return width > 0 ? "Resize(" + height + ", " + width + ")" : "Resize(" + height + ")";
  }
}
