package io.github.einkorn.data.transforms;

/** EXIF's eight orientations: how the stored picture must be turned to stand upright. */
final class Orientation {
  private Orientation() {}

  static Image upright(Image image, int orientation) {
    if (orientation == 1) return image;
    boolean swapped = orientation >= 5;
    int height = swapped ? image.width() : image.height();
    int width = swapped ? image.height() : image.width();
    int bottom = image.height() - 1;
    int right = image.width() - 1;
    float[] out = new float[Image.size(image.channels(), height, width)];
    int i = 0;
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          out[i++] = switch (orientation) {
            case 2 -> image.get(c, y, right - x);
            case 3 -> image.get(c, bottom - y, right - x);
            case 4 -> image.get(c, bottom - y, x);
            case 5 -> image.get(c, x, y);
            case 6 -> image.get(c, bottom - x, y);
            case 7 -> image.get(c, bottom - x, right - y);
            case 8 -> image.get(c, x, right - y);
            default -> throw new IllegalArgumentException("orientation " + orientation);
          };
        }
      }
    }
    return Image.of(out, image.channels(), height, width);
  }
}
