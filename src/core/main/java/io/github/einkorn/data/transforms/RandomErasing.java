package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/**
 * Overwrites a rectangle of random size at a random place (Zhong et al. 2020).
 *
 * @param p the probability that an image is touched; default 0.5
 * @param minScale least part of the image's area; default 0.02
 * @param maxScale greatest part of the image's area; default 0.33
 * @param minRatio least height / width; default 0.3
 * @param maxRatio greatest height / width; default 3.3
 * @param value what is written; default 0; NaN stands for normal noise
 */
public record RandomErasing(double p, double minScale, double maxScale, double minRatio, double maxRatio, float value)
    implements Transform {
  private static final int ATTEMPTS = 10;

  /** Every second image. */
  public RandomErasing() {
    this(0.5);
  }

  /** With another probability. */
  public RandomErasing(double p) {
    this(p, 0.02, 0.33, 0.3, 3.3, 0);
  }

  /** Refuses what is no probability, and intervals that are not positive and in order. */
  public RandomErasing {
    Args.probability("RandomErasing", p);
    Args.interval("RandomErasing: scale", minScale, maxScale);
    Check.range("RandomErasing: scale", maxScale, 0, 1);
    Args.interval("RandomErasing: ratio", minRatio, maxRatio);
  }

  /** The same with another interval of areas, as parts of the image's. */
  public RandomErasing scale(double min, double max) {
    return new RandomErasing(p, min, max, minRatio, maxRatio, value);
  }

  /** The same with another interval of height / width. */
  public RandomErasing ratio(double min, double max) {
    return new RandomErasing(p, minScale, maxScale, min, max, value);
  }

  /** The same writing another value. */
  public RandomErasing value(double v) {
    return new RandomErasing(p, minScale, maxScale, minRatio, maxRatio, Check.finite("RandomErasing: value", v));
  }

  /** The same writing numbers drawn from the normal distribution with mean 0 and deviation 1. */
  public RandomErasing noise() {
    return new RandomErasing(p, minScale, maxScale, minRatio, maxRatio, Float.NaN);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    if (!draws.chance(p)) return image;
    int height = image.height();
    int width = image.width();
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = (double) height * width * draws.uniform(minScale, maxScale);
      double ratio = Math.exp(draws.uniform(Math.log(minRatio), Math.log(maxRatio)));
      int h = (int) Math.rint(Math.sqrt(area * ratio));
      int w = (int) Math.rint(Math.sqrt(area / ratio));
      if (h >= height || w >= width) continue;
      int top = draws.integer(height - h + 1);
      int left = draws.integer(width - w + 1);
      float[] out = image.toFloats();
      for (int c = 0; c < image.channels(); c++) {
        for (int y = top; y < top + h; y++) {
          int row = (c * height + y) * width;
          for (int x = left; x < left + w; x++) out[row + x] = Float.isNaN(value) ? (float) draws.normal() : value;
        }
      }
      return image.with(out);
    }
    return image;
  }
}
