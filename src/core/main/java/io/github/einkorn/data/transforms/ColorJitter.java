package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/**
 * Changes brightness, contrast, saturation and hue at random, in a random order. A factor is drawn from
 * [max(0, 1 - amount), 1 + amount]; 1 leaves the image as it is. Values stay in [0, 1], so that it belongs before
 * {@link Normalize}. Grey images have neither saturation nor hue.
 *
 * @param brightness amount of brightness: the image times the factor; default 0
 * @param contrast amount of contrast: away from or towards the mean luma; default 0
 * @param saturation amount of saturation: away from or towards each pixel's luma; default 0
 * @param hue greatest turn of the hue in parts of the circle, up to 0.5; default 0
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue) implements Transform {
  /** None of them: for the options that follow. */
  public ColorJitter() {
    this(0, 0, 0, 0);
  }

  /** Refuses negative amounts, and a hue above 0.5. */
  public ColorJitter {
    Args.notNegative("ColorJitter: brightness", brightness);
    Args.notNegative("ColorJitter: contrast", contrast);
    Args.notNegative("ColorJitter: saturation", saturation);
    Check.range("ColorJitter: hue", hue, 0, 0.5);
  }

  /** The same with another amount of brightness. */
  public ColorJitter brightness(double amount) {
    return new ColorJitter(amount, contrast, saturation, hue);
  }

  /** The same with another amount of contrast. */
  public ColorJitter contrast(double amount) {
    return new ColorJitter(brightness, amount, saturation, hue);
  }

  /** The same with another amount of saturation. */
  public ColorJitter saturation(double amount) {
    return new ColorJitter(brightness, contrast, amount, hue);
  }

  /** The same with another amount of hue. */
  public ColorJitter hue(double amount) {
    return new ColorJitter(brightness, contrast, saturation, amount);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    int channels = image.channels();
    Colors.check("ColorJitter", channels);
    double[] by = {factor(brightness, draws), factor(contrast, draws), factor(saturation, draws),
        draws.uniform(-hue, hue)};
    int[] order = {0, 1, 2, 3};
    for (int i = 3; i > 0; i--) {
      int j = draws.integer(i + 1);
      int t = order[i];
      order[i] = order[j];
      order[j] = t;
    }
    float[] values = image.toFloats();
    for (int what : order) {
      switch (what) {
        case 0 -> Colors.brightness(values, by[0]);
        case 1 -> Colors.contrast(values, channels, by[1]);
        case 2 -> Colors.saturation(values, channels, by[2]);
        default -> Colors.hue(values, channels, by[3]);
      }
    }
    return image.with(values);
  }

  private static double factor(double amount, Draws draws) {
    return draws.uniform(Math.max(0, 1 - amount), 1 + amount);
  }
}
