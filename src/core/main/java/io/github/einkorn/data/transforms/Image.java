package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An image (C, H, W) in a Java array, not to be changed: values in [0, 1], kept as bytes (255 is 1) as long as they
 * come from a file, as floats after a transform.
 */
public final class Image {
  private static final int MAX_VALUES = Integer.MAX_VALUE - 8;
  private static final float[] UNIT = new float[256];

  static {
    for (int i = 0; i < 256; i++) UNIT[i] = i / 255f;
  }

  private final int channels;
  private final int height;
  private final int width;
  private final byte[] bytes; // or null
  private final float[] floats; // or null

  private Image(byte[] bytes, float[] floats, int channels, int height, int width) {
    int size = size(channels, height, width);
    int given = bytes != null ? bytes.length : floats.length;
    if (given != size) {
      throw new ShapeException("Image: (" + channels + ", " + height + ", " + width + ") has " + size + " values, got "
          + given);
    }
    this.bytes = bytes;
    this.floats = floats;
    this.channels = channels;
    this.height = height;
    this.width = width;
  }

  /** An image of bytes in the order (C, H, W), 0 to 255 unsigned; the array is not copied. */
  public static Image of(byte[] values, int channels, int height, int width) {
    return new Image(Objects.requireNonNull(values, "values"), null, channels, height, width);
  }

  /** An image of floats in the order (C, H, W), usually in [0, 1]; the array is not copied. */
  public static Image of(float[] values, int channels, int height, int width) {
    return new Image(null, Objects.requireNonNull(values, "values"), channels, height, width);
  }

  /**
   * Red, green and blue of a picture, (3, H, W). Palettes are resolved, grey is repeated, 16 bits are scaled to 8,
   * alpha is left out.
   *
   * @throws io.github.einkorn.FormatException if its colours are neither grey nor RGB
   */
  public static Image of(BufferedImage picture) {
    return Rgb.of(picture);
  }

  /** Reads a JPEG, PNG, GIF or BMP file as (3, H, W), with the defaults of {@link Decoder}. */
  public static Image read(Path file) {
    return new Decoder().read(file);
  }

  /** The number of values, if they are so few that they fit into an array of a sensible length. */
  static int size(int channels, int height, int width) {
    if (channels < 1 || height < 1 || width < 1 || (long) height * width > MAX_VALUES / channels) {
      throw new ShapeException("Image: (" + channels + ", " + height + ", " + width
          + ") is no size for an image: extents must be positive, with at most " + MAX_VALUES + " values");
    }
    return channels * height * width;
  }

  /** 3 for red, green and blue, 1 for grey. */
  public int channels() {
    return channels;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** One value. */
  public float get(int channel, int y, int x) {
    Objects.checkIndex(channel, channels);
    Objects.checkIndex(y, height);
    Objects.checkIndex(x, width);
    int i = (channel * height + y) * width + x;
    return bytes != null ? UNIT[bytes[i] & 255] : floats[i];
  }

  /** Whether the values are floats already. */
  boolean isFloat() {
    return floats != null;
  }

  /** Copies n values of a row, from a column on. */
  void row(int channel, int y, int x, float[] to, int at, int n) {
    copy((channel * height + y) * width + x, to, at, n);
  }

  private void copy(int from, float[] to, int at, int n) {
    if (floats != null) {
      System.arraycopy(floats, from, to, at, n);
    } else {
      for (int i = 0; i < n; i++) to[at + i] = UNIT[bytes[from + i] & 255];
    }
  }

  /** Copies all values, in the order (C, H, W), to the beginning of an array. */
  public void copyTo(float[] to) {
    copy(0, to, 0, channels * height * width);
  }

  /** A copy of all values, in the order (C, H, W). */
  public float[] toFloats() {
    float[] all = new float[channels * height * width];
    copyTo(all);
    return all;
  }

  /** The values as a float tensor (C, H, W). */
  public Tensor toTensor() {
    return Tensor.of(floats != null ? floats : toFloats(), channels, height, width);
  }

  /** An image of the same shape with other values. */
  Image with(float[] values) {
    return of(values, channels, height, width);
  }

  /** The extents for messages. */
  String extents() {
    return height + "×" + width;
  }

  @Override
  public String toString() {
    return "Image(" + channels + ", " + height + ", " + width + ")";
  }
}
