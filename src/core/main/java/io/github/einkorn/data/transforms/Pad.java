package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/**
 * Puts pixels of one value around the image.
 *
 * @param pixels how many on each side
 * @param fill their value, in [0, 1]; default 0
 */
public record Pad(int pixels, float fill) implements FixedTransform {
  /** Black pixels. */
  public Pad(int pixels) {
    this(pixels, 0);
  }

  /** Refuses negative numbers. */
  public Pad {
    if (pixels < 0 || pixels > Short.MAX_VALUE) {
      throw new IllegalArgumentException("Pad: pixels must lie in 0..32767, got " + pixels);
    }
    Check.finite("Pad: fill", fill);
  }

  @Override
  public Image apply(Image image) {
    return Crop.of(image, -pixels, -pixels, image.height() + 2 * pixels, image.width() + 2 * pixels, fill);
  }
}
