package io.github.einkorn.data.transforms;

/**
 * Swaps left and right.
 *
 * @param p the probability; default 0.5
 */
public record RandomHorizontalFlip(double p) implements Transform {
  /** Every second image. */
  public RandomHorizontalFlip() {
    this(0.5);
  }

  /** Refuses what is no probability. */
  public RandomHorizontalFlip {
    Args.probability("RandomHorizontalFlip", p);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    if (!draws.chance(p)) return image;
    float[] out = image.toFloats();
    int width = image.width();
    for (int from = 0; from < out.length; from += width) {
      for (int a = from, b = from + width - 1; a < b; a++, b--) {
        float t = out[a];
        out[a] = out[b];
        out[b] = t;
      }
    }
    return image.with(out);
  }
}
