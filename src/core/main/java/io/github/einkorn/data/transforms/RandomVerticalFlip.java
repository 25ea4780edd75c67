package io.github.einkorn.data.transforms;

/**
 * Swaps top and bottom.
 *
 * @param p the probability; default 0.5
 */
public record RandomVerticalFlip(double p) implements Transform {
  /** Every second image. */
  public RandomVerticalFlip() {
    this(0.5);
  }

  /** Refuses what is no probability. */
  public RandomVerticalFlip {
    Args.probability("RandomVerticalFlip", p);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    if (!draws.chance(p)) return image;
    int width = image.width();
    int height = image.height();
    float[] out = new float[image.channels() * height * width];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < height; y++) image.row(c, y, 0, out, (c * height + height - 1 - y) * width, width);
    }
    return image.with(out);
  }
}
