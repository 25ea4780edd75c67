package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;
import java.util.Objects;

/**
 * Turns the image about its middle; the corners that come in are black.
 *
 * @param min least angle in degrees, counter-clockwise
 * @param max greatest angle
 * @param interpolation default NEAREST, as torchvision
 * @param fill the value of pixels that come in, in [0, 1]; default 0
 */
public record RandomRotation(double min, double max, Interpolation interpolation, float fill) implements Transform {
  /** As far to the left as to the right. */
  public RandomRotation(double degrees) {
    this(-degrees, degrees, Interpolation.NEAREST, 0);
  }

  /** Refuses an interval out of order. */
  public RandomRotation {
    if (!(min <= max)) {
      throw new IllegalArgumentException("RandomRotation: degrees must be in order, got " + min + ", " + max);
    }
    Check.finite("RandomRotation: degrees", max - min);
    Objects.requireNonNull(interpolation, "interpolation");
    Check.finite("RandomRotation: fill", fill);
  }

  /** The same with another interpolation. */
  public RandomRotation interpolation(Interpolation how) {
    return new RandomRotation(min, max, how, fill);
  }

  /** The same with another value of pixels that come in. */
  public RandomRotation fill(double value) {
    return new RandomRotation(min, max, interpolation, (float) value);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    double angle = draws.uniform(min, max);
    double[] m = Warp.inverse(image.width() * 0.5, image.height() * 0.5, -angle, 0, 0, 1, 0, 0);
    return Warp.affine(image, m, interpolation, fill);
  }
}
