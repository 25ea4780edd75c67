package io.github.einkorn.data.transforms;

import io.github.einkorn.FormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads image files as (3, H, W): JPEG (CMYK too), PNG, GIF (the first picture), BMP and whatever else
 * {@link ImageIO} has a plugin for. The size is read from the header, and checked, before anything is decoded.
 *
 * @param maxPixels the most pixels an image may have; default 89,478,485, a quarter of a gigabyte (Pillow's)
 * @param exifOrientation whether photographs are turned as EXIF says; default false, as in torchvision
 */
public record Decoder(long maxPixels, boolean exifOrientation) {
  private static final long MAX_PIXELS = (1L << 30) / 4 / 3;
  private static final int MOST_PIXELS = (Integer.MAX_VALUE - 8) / 3; // what fits into an array
  private static final long MAX_BYTES = 1L << 29;

  /** The defaults. */
  public Decoder() {
    this(MAX_PIXELS, false);
  }

  /** Refuses a limit below 1, or above what an array holds, 715,827,879. */
  public Decoder {
    if (maxPixels < 1 || maxPixels > MOST_PIXELS) {
      throw new IllegalArgumentException("Decoder: maxPixels must lie in 1.." + MOST_PIXELS + ", got " + maxPixels);
    }
  }

  /** The same with another limit on width times height. */
  public Decoder maxPixels(long pixels) {
    return new Decoder(pixels, exifOrientation);
  }

  /** The same, turning photographs as EXIF says or not. */
  public Decoder exifOrientation(boolean wanted) {
    return new Decoder(maxPixels, wanted);
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is no image, corrupt, truncated, or has too many pixels; the message names the file
   * @throws UncheckedIOException if it cannot be read
   */
  public Image read(Path file) {
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_BYTES) {
        throw new FormatException(file + ": " + bytes + " bytes are more than the " + MAX_BYTES
            + " an image file may have");
      }
      return decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  /** Decodes the content of a file, as {@link #read}; the name is for messages. */
  public Image decode(byte[] file, String name) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) throw new FormatException(unknown(file));
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        checkSize(reader.getWidth(0), reader.getHeight(0));
        return decode(reader, file);
      } finally {
        reader.dispose();
      }
    } catch (FormatException e) {
      throw new FormatException(name + ": " + e.getMessage(), e.getCause());
    } catch (IOException | RuntimeException e) { // the plugins throw whatever they run into
      throw new FormatException(name + ": corrupt image: " + (e.getMessage() == null ? e : e.getMessage()), e);
    } catch (OutOfMemoryError e) {
      throw new FormatException(name + ": decoding takes more memory than there is (" + e.getMessage()
          + "): corrupt, or give Java more by -Xmx", e);
    }
  }

  private void checkSize(int width, int height) {
    if ((long) width * height > maxPixels) {
      throw new FormatException(width + "×" + height + " pixels are more than the limit of " + maxPixels
          + ": scale the image down, or raise the limit by Decoder.maxPixels if you trust the file");
    }
  }

  private Image decode(ImageReader reader, byte[] file) throws IOException {
    if (!reader.getFormatName().equalsIgnoreCase("jpeg")) return Rgb.of(reader.read(0));
    String[] warning = new String[1];
    reader.addIIOReadWarningListener((source, text) -> {
      // of a file that is cut off the rest comes out grey, with no more than a warning
      String lower = text.toLowerCase(Locale.ROOT);
      if (lower.contains("premature end") || lower.contains("missing eoi")) warning[0] = text;
    });
    Jpeg jpeg = Jpeg.of(file);
    Image image = jpeg.components() == 4 ? Rgb.fromInks(reader.readRaster(0, null), jpeg.ycck())
        : Rgb.of(reader.read(0));
    if (warning[0] != null) throw new FormatException("truncated or corrupt image: " + warning[0]);
    return exifOrientation ? Orientation.upright(image, jpeg.orientation()) : image;
  }

  private static String unknown(byte[] file) {
    if (file.length == 0) return "the file is empty";
    StringBuilder begin = new StringBuilder();
    for (int i = 0; i < Math.min(4, file.length); i++) begin.append(" %02x".formatted(file[i]));
    return "not an image of a known format, it begins with" + begin + "; known are "
        + String.join(", ", ImageIO.getReaderFileSuffixes());
  }
}
