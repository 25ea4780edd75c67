package io.github.einkorn.data.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.FormatException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
  private static final Decoder DECODER = new Decoder();

  static byte[] file(BufferedImage image, String format) throws IOException {
    var out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static Image decode(BufferedImage image, String format) throws IOException {
    return DECODER.decode(file(image, format), "test." + format);
  }

  private static int value(Image image, int c, int y, int x) {
    return Math.round(image.get(c, y, x) * 255);
  }

  /** Colours that differ in every channel and pixel. */
  private static BufferedImage colours(int type) {
    var image = new BufferedImage(5, 3, type);
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 5; x++) image.setRGB(x, y, 0x80000000 | 40 * x + 7 << 16 | 80 * y + 3 << 8 | 11 * (x + y));
    }
    return image;
  }

  private static void assertColours(Image image) {
    assertThat(image.toString()).isEqualTo("Image(3, 3, 5)");
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 5; x++) {
        assertThat(value(image, 0, y, x)).isEqualTo(40 * x + 7);
        assertThat(value(image, 1, y, x)).isEqualTo(80 * y + 3);
        assertThat(value(image, 2, y, x)).isEqualTo(11 * (x + y));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void coloursAreTheirs(String format) throws IOException {
    assertColours(decode(colours(BufferedImage.TYPE_INT_RGB), format));
    assertColours(decode(colours(BufferedImage.TYPE_3BYTE_BGR), format));
  }

  @Test
  void alphaIsLeftOut() throws IOException {
    assertColours(decode(colours(BufferedImage.TYPE_INT_ARGB), "png"));
    assertColours(Image.of(colours(BufferedImage.TYPE_4BYTE_ABGR)));
  }

  @Test
  void palettesAreResolved() throws IOException {
    byte[] r = {10, (byte) 200, 30, 40};
    byte[] g = {50, 60, 70, (byte) 255};
    byte[] b = {0, 1, 2, 3};
    for (int bits : new int[] {2, 4, 8}) {
      var image = new BufferedImage(4, 8, bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY,
          new IndexColorModel(bits, 4, r, g, b));
      for (int i = 0; i < 32; i++) image.getRaster().setSample(i % 4, i / 4, 0, i % 4);
      for (String format : new String[] {"png", "gif"}) {
        Image out = decode(image, format);
        for (int i = 0; i < 32; i++) {
          assertThat(value(out, 0, i / 4, i % 4)).isEqualTo(r[i % 4] & 255);
          assertThat(value(out, 1, i / 4, i % 4)).isEqualTo(g[i % 4] & 255);
          assertThat(value(out, 2, i / 4, i % 4)).isEqualTo(b[i % 4]);
        }
      }
    }
  }

  /** The stored value, not brightened as getRGB of a grey picture is. */
  @Test
  void greyIsRepeatedAsItIs() throws IOException {
    var eight = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    var sixteen = new BufferedImage(16, 16, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < 256; i++) {
      eight.getRaster().setSample(i % 16, i / 16, 0, i);
      sixteen.getRaster().setSample(i % 16, i / 16, 0, i * 257 + (i % 3 - 1) * (i > 0 && i < 255 ? 100 : 0));
    }
    for (Image out : new Image[] {decode(eight, "png"), decode(sixteen, "png"), decode(eight, "bmp")}) {
      for (int i = 0; i < 256; i++) {
        for (int c = 0; c < 3; c++) assertThat(value(out, c, i / 16, i % 16)).isEqualTo(i);
      }
    }
    var bit = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    bit.getRaster().setSample(1, 0, 0, 1);
    assertThat(decode(bit, "png").toFloats()).containsExactly(0, 1, 0, 1, 0, 1);
  }

  /** ImageIO writes no colours of 16 bits, so the chunks are put together here. */
  @Test
  void colourOf16BitsIsScaled() throws IOException {
    ByteBuffer rows = ByteBuffer.allocate(2 * (1 + 2 * 3 * 2));
    int[] values = {0, 65535, 32768, 257, 514, 1000, 40000, 123, 64000, 255, 256, 65000};
    for (int y = 0; y < 2; y++) {
      rows.put((byte) 0);
      for (int i = 0; i < 6; i++) rows.putShort((short) values[6 * y + i]);
    }
    Image out = DECODER.decode(png(2, 2, 16, 2, rows.array()), "deep.png");
    for (int i = 0; i < 12; i++) {
      assertThat(value(out, i % 3, i / 6, i / 3 % 2)).isEqualTo((int) Math.round(values[i] / 257.0));
    }
  }

  static byte[] png(int width, int height, int depth, int color, byte[] rows) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) depth).put((byte) color);
    chunk(out, "IHDR", header.array());
    var packed = new ByteArrayOutputStream();
    try (var deflate = new java.util.zip.DeflaterOutputStream(packed)) {
      deflate.write(rows);
    }
    chunk(out, "IDAT", packed.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] content) throws IOException {
    byte[] named = new byte[4 + content.length];
    System.arraycopy(type.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, named, 0, 4);
    System.arraycopy(content, 0, named, 4, content.length);
    var crc = new CRC32();
    crc.update(named);
    out.write(ByteBuffer.allocate(4).putInt(content.length).array());
    out.write(named);
    out.write(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  private static BufferedImage smooth(int width, int height) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) image.setRGB(x, y, 200 * x / width << 16 | 200 * y / height << 8 | 90);
    }
    return image;
  }

  @Test
  void jpegIsNearlyWhatWasWritten() throws IOException {
    Image out = decode(smooth(40, 30), "jpg");
    assertThat(out.toString()).isEqualTo("Image(3, 30, 40)");
    for (int y = 0; y < 30; y++) {
      for (int x = 0; x < 40; x++) {
        assertThat(value(out, 0, y, x)).isCloseTo(200 * x / 40, within(12));
        assertThat(value(out, 1, y, x)).isCloseTo(200 * y / 30, within(12));
        assertThat(value(out, 2, y, x)).isCloseTo(90, within(12));
      }
    }
    var grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 256; i++) grey.getRaster().setSample(i % 16, i / 16, 0, 100);
    assertThat(value(decode(grey, "jpg"), 2, 5, 5)).isCloseTo(100, within(2));
  }

  /** Inks as Adobe stores them, inverted: 255 is none. */
  @Test
  void jpegOfInksIsRgb() throws IOException {
    WritableRaster inks = Raster.createInterleavedRaster(0, 16, 16, 4, null);
    int[] stored = {250, 128, 30, 200};
    for (int i = 0; i < 256; i++) inks.setPixel(i % 16, i / 16, stored);
    var out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(new IIOImage(inks, null, null));
    } finally {
      writer.dispose();
    }
    Image image = DECODER.decode(out.toByteArray(), "inks.jpg");
    for (int c = 0; c < 3; c++) {
      assertThat(value(image, c, 8, 8)).isCloseTo(stored[c] * stored[3] / 255, within(3));
    }
    // of Y = 250, Cb = 128, Cr = 30 the conversion of JFIF makes
    Image ycck = Rgb.fromInks(inks, true);
    double[] rgb = {250 + 1.402 * (30 - 128), 250 - 0.714136 * (30 - 128), 250};
    for (int c = 0; c < 3; c++) {
      assertThat(value(ycck, c, 8, 8)).isCloseTo((int) (Math.min(255, rgb[c]) * 200 / 255), within(1));
    }
  }

  /** The stored picture is the upright one turned; after reading all eight are upright. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void exifTurnsPhotographs(int orientation) throws IOException {
    int w = 32;
    int h = 24;
    BufferedImage upright = smooth(w, h);
    boolean swapped = orientation >= 5;
    var stored = new BufferedImage(swapped ? h : w, swapped ? w : h, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < stored.getHeight(); y++) {
      for (int x = 0; x < stored.getWidth(); x++) {
        // TIFF 6: where row 0 and column 0 of the stored picture are: top left, top right, bottom right, …
        int[] at = switch (orientation) {
          case 1 -> new int[] {y, x};
          case 2 -> new int[] {y, w - 1 - x};
          case 3 -> new int[] {h - 1 - y, w - 1 - x};
          case 4 -> new int[] {h - 1 - y, x};
          case 5 -> new int[] {x, y};
          case 6 -> new int[] {x, w - 1 - y};
          case 7 -> new int[] {h - 1 - x, w - 1 - y};
          default -> new int[] {h - 1 - x, y};
        };
        stored.setRGB(x, y, upright.getRGB(at[1], at[0]));
      }
    }
    byte[] jpeg = file(stored, "jpg");
    ByteBuffer exif = ByteBuffer.allocate(4 + 6 + 8 + 2 + 12 + 4);
    exif.putShort((short) 0xffe1).putShort((short) (exif.capacity() - 2)).put("Exif\0\0".getBytes());
    exif.put("MM\0*".getBytes()).putInt(8).putShort((short) 1);
    exif.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    byte[] with = new byte[jpeg.length + exif.capacity()];
    System.arraycopy(jpeg, 0, with, 0, 2);
    System.arraycopy(exif.array(), 0, with, 2, exif.capacity());
    System.arraycopy(jpeg, 2, with, 2 + exif.capacity(), jpeg.length - 2);
    Image out = new Decoder().exifOrientation(true).decode(with, "photo.jpg");
    assertThat(out.toString()).isEqualTo("Image(3, 24, 32)");
    for (int y = 0; y < h; y += 5) {
      for (int x = 0; x < w; x += 5) {
        assertThat(value(out, 0, y, x)).isCloseTo(200 * x / w, within(12));
        assertThat(value(out, 1, y, x)).isCloseTo(200 * y / h, within(12));
      }
    }
    assertThat(DECODER.decode(with, "photo.jpg").width()).isEqualTo(stored.getWidth());
    // damaged EXIF is no reason to fail: cut in every place
    for (int length = 10; length < exif.capacity(); length++) {
      byte[] cut = with.clone();
      cut[4] = 0;
      cut[5] = (byte) (length - 2);
      Jpeg.of(cut);
    }
  }

  /** The header is all there is: nothing of that size is allocated. */
  @Test
  void enormousImagesAreRefusedByTheirHeader() throws IOException {
    byte[] png = png(60_000, 60_000, 8, 2, new byte[100]);
    assertThatThrownBy(() -> DECODER.decode(png, "bomb.png")).isInstanceOf(FormatException.class)
        .hasMessageContaining("bomb.png: 60000×60000 pixels are more than the limit of 89478485")
        .hasMessageContaining("Decoder.maxPixels");
    byte[] jpeg = file(smooth(64, 64), "jpg");
    for (int i = 2; i < jpeg.length; i++) {
      if ((jpeg[i] & 255) == 0xff && (jpeg[i + 1] & 255) == 0xc0) {
        ByteBuffer.wrap(jpeg).putShort(i + 5, (short) 60_000).putShort(i + 7, (short) 60_000);
        break;
      }
    }
    assertThatThrownBy(() -> DECODER.decode(jpeg, "bomb.jpg")).isInstanceOf(FormatException.class)
        .hasMessageContaining("60000×60000");
    byte[] small = file(smooth(64, 64), "png");
    assertThat(new Decoder().maxPixels(64 * 64).decode(small, "a").width()).isEqualTo(64);
    assertThatThrownBy(() -> new Decoder().maxPixels(64 * 64 - 1).decode(small, "a"))
        .isInstanceOf(FormatException.class).hasMessageContaining("64×64 pixels are more than the limit of 4095");
    assertThatThrownBy(() -> new Decoder().maxPixels(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Decoder().maxPixels(1L << 31)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  void truncatedImagesAreRefused(String format) throws IOException {
    BufferedImage image = smooth(64, 64);
    for (int i = 0; i < 500; i++) image.setRGB(i % 61, i % 59, i * 7919);
    byte[] whole = file(image, format);
    for (int percent : new int[] {1, 10, 50, 80, 95}) {
      byte[] cut = Arrays.copyOf(whole, whole.length * percent / 100);
      assertThatThrownBy(() -> DECODER.decode(cut, "cut." + format)).as(percent + " % of " + format)
          .isInstanceOf(FormatException.class).hasMessageContaining("cut." + format);
    }
  }

  /** Whatever bytes are damaged, either there is an image of a lawful size, or a FormatException. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  void damagedImagesDoNoHarm(String format) throws IOException {
    byte[] whole = file(smooth(24, 16), format);
    var random = new java.util.SplittableRandom(1);
    Decoder small = new Decoder().maxPixels(1 << 16);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = whole.clone();
      for (int k = 0; k <= i % 4; k++) damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      try {
        Image out = small.decode(damaged, "damaged");
        assertThat(out.height() * out.width()).isLessThanOrEqualTo(1 << 16);
      } catch (FormatException e) {
        assertThat(e).hasMessageStartingWith("damaged: ");
      }
    }
  }

  @Test
  void otherFilesAreRefused(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text.jpg"), "This is no image.");
    assertThatThrownBy(() -> Image.read(text)).isInstanceOf(FormatException.class)
        .hasMessageContaining("text.jpg: not an image of a known format, it begins with 54 68 69 73");
    Path empty = Files.createFile(folder.resolve("empty.png"));
    assertThatThrownBy(() -> Image.read(empty)).isInstanceOf(FormatException.class)
        .hasMessageContaining("empty.png: the file is empty");
    assertThatThrownBy(() -> Image.read(folder.resolve("none.png"))).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.png");
  }
}
