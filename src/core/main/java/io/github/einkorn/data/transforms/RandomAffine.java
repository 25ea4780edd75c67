package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;
import java.util.Objects;

/**
 * Turns, moves, scales and shears the image about its middle; what comes in is black.
 *
 * @param degrees greatest angle, to either side
 * @param across greatest move to the left or right as a part of the width; default 0
 * @param down greatest move up or down as a part of the height; default 0
 * @param minScale least scale; default 1
 * @param maxScale greatest scale; default 1
 * @param shear greatest shear along x in degrees, to either side; default 0
 * @param interpolation default NEAREST, as torchvision
 * @param fill the value of pixels that come in, in [0, 1]; default 0
 */
public record RandomAffine(double degrees, double across, double down, double minScale, double maxScale, double shear,
    Interpolation interpolation, float fill) implements Transform {
  /** Turns alone. */
  public RandomAffine(double degrees) {
    this(degrees, 0, 0, 1, 1, 0, Interpolation.NEAREST, 0);
  }

  /** Refuses negative angles, moves outside [0, 1], scales that are not positive and shears of 90 degrees. */
  public RandomAffine {
    Args.notNegative("RandomAffine: degrees", degrees);
    Check.range("RandomAffine: translate", across, 0, 1);
    Check.range("RandomAffine: translate", down, 0, 1);
    Args.interval("RandomAffine: scale", minScale, maxScale);
    Check.range("RandomAffine: shear", shear, 0, 89);
    Objects.requireNonNull(interpolation, "interpolation");
    Check.finite("RandomAffine: fill", fill);
  }

  /** The same with moves by at most these parts of the width and of the height, whole pixels. */
  public RandomAffine translate(double ofWidth, double ofHeight) {
    return new RandomAffine(degrees, ofWidth, ofHeight, minScale, maxScale, shear, interpolation, fill);
  }

  /** The same with another interval of scales. */
  public RandomAffine scale(double min, double max) {
    return new RandomAffine(degrees, across, down, min, max, shear, interpolation, fill);
  }

  /** The same with shears along x of at most these degrees to either side. */
  public RandomAffine shear(double most) {
    return new RandomAffine(degrees, across, down, minScale, maxScale, most, interpolation, fill);
  }

  /** The same with another interpolation. */
  public RandomAffine interpolation(Interpolation how) {
    return new RandomAffine(degrees, across, down, minScale, maxScale, shear, how, fill);
  }

  /** The same with another value of pixels that come in. */
  public RandomAffine fill(double value) {
    return new RandomAffine(degrees, across, down, minScale, maxScale, shear, interpolation, (float) value);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    double angle = draws.uniform(-degrees, degrees);
    double tx = Math.rint(draws.uniform(-across, across) * image.width());
    double ty = Math.rint(draws.uniform(-down, down) * image.height());
    double scale = draws.uniform(minScale, maxScale);
    double skew = draws.uniform(-shear, shear);
    double[] m = Warp.inverse(image.width() * 0.5, image.height() * 0.5, angle, tx, ty, scale, skew, 0);
    return Warp.affine(image, m, interpolation, fill);
  }
}
