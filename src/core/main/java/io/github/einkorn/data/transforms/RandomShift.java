package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;

/**
 * Moves the image by whole pixels; black comes in.
 *
 * @param down the most rows, up or down
 * @param across the most columns, left or right
 * @param fill the value of pixels that come in, in [0, 1]; default 0
 */
public record RandomShift(int down, int across, float fill) implements Transform {
  /** As far in every direction. */
  public RandomShift(int pixels) {
    this(pixels, pixels, 0);
  }

  /** Refuses negative numbers. */
  public RandomShift {
    if (down < 0 || down > Short.MAX_VALUE || across < 0 || across > Short.MAX_VALUE) {
      throw new IllegalArgumentException("RandomShift: pixels must lie in 0..32767, got " + down + ", " + across);
    }
    Check.finite("RandomShift: fill", fill);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    int dy = draws.integer(2 * down + 1) - down;
    int dx = draws.integer(2 * across + 1) - across;
    return Crop.of(image, -dy, -dx, image.height(), image.width(), fill);
  }
}
