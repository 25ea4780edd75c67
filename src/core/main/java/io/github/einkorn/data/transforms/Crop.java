package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;
import java.util.Arrays;

/** Cutting a window out of an image. */
final class Crop {
  private Crop() {}

  /** The window with this corner, which may reach over the edges: there is the fill value. */
  static Image of(Image image, int top, int left, int height, int width, float fill) {
    float[] out = new float[Image.size(image.channels(), height, width)];
    if (fill != 0) Arrays.fill(out, fill);
    int from = Math.max(0, left);
    int n = Math.min(image.width(), left + width) - from;
    for (int c = 0; n > 0 && c < image.channels(); c++) {
      for (int y = Math.max(0, -top); y < Math.min(height, image.height() - top); y++) {
        image.row(c, top + y, from, out, (c * height + y) * width + from - left, n);
      }
    }
    return Image.of(out, image.channels(), height, width);
  }

  /** Refuses an image that is smaller than the window, after padding. */
  static void fits(String who, Image image, int padding, int height, int width) {
    if (image.height() + 2 * padding < height || image.width() + 2 * padding < width) {
      throw new ShapeException(who + ": the image has " + image.extents() + " pixels (height × width), too few for "
          + height + "×" + width + (padding > 0 ? " even with " + padding + " more on each side" : "")
          + ": put a Resize or Pad before it");
    }
  }
}
