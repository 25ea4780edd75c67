package io.github.einkorn.data.transforms;

/**
 * Cuts out the middle.
 *
 * @param height rows of the result
 * @param width columns of the result
 */
public record CenterCrop(int height, int width) implements FixedTransform {
  /** A square. */
  public CenterCrop(int size) {
    this(size, size);
  }

  /** Refuses sizes below 1. */
  public CenterCrop {
    Args.extents("CenterCrop", height, width);
  }

  /**
   * The middle of the image; where it is not exact, as torchvision rounds.
   *
   * @throws io.github.einkorn.ShapeException if the image is smaller; torchvision pads it with black
   */
  @Override
  public Image apply(Image image) {
    Crop.fits("CenterCrop", image, 0, height, width);
    int top = (int) Math.rint((image.height() - height) / 2.0);
    int left = (int) Math.rint((image.width() - width) / 2.0);
    return Crop.of(image, top, left, height, width, 0);
  }
}
