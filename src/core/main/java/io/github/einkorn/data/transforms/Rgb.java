package io.github.einkorn.data.transforms;

import io.github.einkorn.FormatException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Decoded pictures as bytes (3, H, W). Samples are taken as they are stored: {@code BufferedImage.getRGB} would
 * brighten grey ones, which it holds for linear.
 */
final class Rgb {
  private Rgb() {}

  static Image of(BufferedImage picture) {
    ColorModel colors = picture.getColorModel();
    Raster raster = picture.getRaster();
    if (colors instanceof IndexColorModel palette) return resolved(raster, palette);
    int kind = colors.getColorSpace().getType();
    int transfer = raster.getTransferType();
    if (kind != ColorSpace.TYPE_GRAY && kind != ColorSpace.TYPE_RGB
        || transfer != DataBuffer.TYPE_BYTE && transfer != DataBuffer.TYPE_USHORT && transfer != DataBuffer.TYPE_INT) {
      throw new FormatException("its colours (" + colors + ") are neither grey nor RGB of 8 or 16 bits");
    }
    return samples(raster, colors.getComponentSize(), kind == ColorSpace.TYPE_GRAY);
  }

  private static Image samples(Raster raster, int[] bits, boolean grey) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    int plane = width * height;
    byte[] out = new byte[Image.size(3, height, width)];
    boolean plain = raster.getTransferType() == DataBuffer.TYPE_BYTE
        && raster.getSampleModel() instanceof ComponentSampleModel && Arrays.stream(bits).allMatch(b -> b == 8);
    byte[] line = new byte[plain ? width * bands : 0];
    int[] wide = new int[plain ? 0 : width * bands];
    int x0 = raster.getMinX();
    int y0 = raster.getMinY();
    for (int y = 0; y < height; y++) {
      if (plain) raster.getDataElements(x0, y0 + y, width, 1, line);
      else raster.getPixels(x0, y0 + y, width, 1, wide);
      for (int c = 0; c < 3; c++) {
        int band = grey ? 0 : c;
        int at = c * plane + y * width;
        if (plain) {
          for (int x = 0; x < width; x++) out[at + x] = line[x * bands + band];
        } else {
          long max = (1L << bits[band]) - 1;
          for (int x = 0; x < width; x++) out[at + x] = (byte) ((wide[x * bands + band] * 255L + max / 2) / max);
        }
      }
    }
    return Image.of(out, 3, height, width);
  }

  private static Image resolved(Raster raster, IndexColorModel palette) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int plane = width * height;
    byte[] out = new byte[Image.size(3, height, width)];
    int[] colors = new int[palette.getMapSize()];
    palette.getRGBs(colors);
    int[] line = new int[width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, line);
      for (int x = 0; x < width; x++) {
        if (line[x] >= colors.length) {
          throw new FormatException("colour " + line[x] + " is not in its palette of " + colors.length);
        }
        int rgb = colors[line[x]];
        int at = y * width + x;
        out[at] = (byte) (rgb >> 16);
        out[plane + at] = (byte) (rgb >> 8);
        out[2 * plane + at] = (byte) rgb;
      }
    }
    return Image.of(out, 3, height, width);
  }

  /**
   * Four inks of a JPEG, stored inverted as Adobe's programs do: the product of an ink's light and black's. In YCCK the
   * first three are luma and chroma.
   */
  static Image fromInks(Raster raster, boolean ycck) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int plane = width * height;
    byte[] out = new byte[Image.size(3, height, width)];
    int[] line = new int[4 * width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, line);
      for (int x = 0; x < width; x++) {
        double a = line[4 * x];
        double b = line[4 * x + 1];
        double c = line[4 * x + 2];
        int black = line[4 * x + 3];
        int at = y * width + x;
        out[at] = light(ycck ? a + 1.402 * (c - 128) : a, black);
        out[plane + at] = light(ycck ? a - 0.344136 * (b - 128) - 0.714136 * (c - 128) : b, black);
        out[2 * plane + at] = light(ycck ? a + 1.772 * (b - 128) : c, black);
      }
    }
    return Image.of(out, 3, height, width);
  }

  private static byte light(double ink, int black) {
    return (byte) Math.round(Math.max(0, Math.min(255, ink)) * black / 255);
  }
}
