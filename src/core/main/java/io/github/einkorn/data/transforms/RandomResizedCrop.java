package io.github.einkorn.data.transforms;

/**
 * Cuts out a window of random area and proportion at a random place and gives it one size (Szegedy et al. 2015).
 *
 * @param height rows of the result
 * @param width columns of the result
 * @param minScale least part of the image's area; default 0.08
 * @param maxScale greatest part of the image's area; default 1
 * @param minRatio least width / height of the window; default 3/4
 * @param maxRatio greatest width / height of the window; default 4/3
 */
public record RandomResizedCrop(int height, int width, double minScale, double maxScale, double minRatio,
    double maxRatio) implements Transform {
  private static final int ATTEMPTS = 10;

  /** A square. */
  public RandomResizedCrop(int size) {
    this(size, size);
  }

  /** A rectangle. */
  public RandomResizedCrop(int height, int width) {
    this(height, width, 0.08, 1, 3 / 4.0, 4 / 3.0);
  }

  /** Refuses sizes below 1, and intervals that are not positive and in order. */
  public RandomResizedCrop {
    Args.extents("RandomResizedCrop", height, width);
    Args.interval("RandomResizedCrop: scale", minScale, maxScale);
    Args.interval("RandomResizedCrop: ratio", minRatio, maxRatio);
  }

  /** The same with another interval of areas, as parts of the image's. */
  public RandomResizedCrop scale(double min, double max) {
    return new RandomResizedCrop(height, width, min, max, minRatio, maxRatio);
  }

  /** The same with another interval of width / height. */
  public RandomResizedCrop ratio(double min, double max) {
    return new RandomResizedCrop(height, width, minScale, maxScale, min, max);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    double area = (double) image.height() * image.width();
    for (int i = 0; i < ATTEMPTS; i++) {
      double part = area * draws.uniform(minScale, maxScale);
      double ratio = Math.exp(draws.uniform(Math.log(minRatio), Math.log(maxRatio)));
      int w = (int) Math.rint(Math.sqrt(part * ratio));
      int h = (int) Math.rint(Math.sqrt(part / ratio));
      if (w < 1 || w > image.width() || h < 1 || h > image.height()) continue;
      int top = draws.integer(image.height() - h + 1);
      int left = draws.integer(image.width() - w + 1);
      return Resample.bilinear(image, top, left, h, w, height, width);
    }
    return middle(image);
  }

  /** The largest window in the middle with an allowed proportion. */
  private Image middle(Image image) {
    double ratio = (double) image.width() / image.height();
    int w = ratio > maxRatio ? (int) Math.rint(image.height() * maxRatio) : image.width();
    int h = ratio < minRatio ? (int) Math.rint(image.width() / minRatio) : image.height();
    w = Math.max(1, Math.min(w, image.width()));
    h = Math.max(1, Math.min(h, image.height()));
    return Resample.bilinear(image, (image.height() - h) / 2, (image.width() - w) / 2, h, w, height, width);
  }
}
