package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.FormatException;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * The format of the MNIST files: 0, 0, element type, number of dimensions; the extents as big-endian 32-bit integers;
 * the elements in row-major order (LeCun, "The MNIST database of handwritten digits"). Only unsigned bytes, type 0x08,
 * which is what the files of the MNIST family have.
 */
public final class Idx {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MAX_RANK = 8;

  private Idx() {}

  /**
   * Reads a file, compressed by gzip or not, as a uint8 tensor.
   *
   * @throws FormatException if it is not such a file, or truncated, or longer than its extents say; the message names
   *     the file and the offset. Nothing is allocated that the length of the file does not bear out.
   * @throws UncheckedIOException if it cannot be read
   */
  public static Tensor read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return read(in, Files.size(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  /** Reads a stream that can be marked, compressed or not, of a known length; the name is for messages. */
  static Tensor read(InputStream in, long length, String name) throws IOException {
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    if (!gzip) return content(in, length, true, name);
    try {
      Unzip unzip = new Unzip(in);
      Tensor x = content(unzip, length * Unzip.MAX_RATIO, false, name);
      if (unzip.end() == length) return x;
      x.close();
      throw new FormatException(name + ": the gzip data ends at offset " + unzip.end() + ", the file at " + length);
    } catch (EOFException e) {
      throw new FormatException(name + ": the gzip data is truncated at offset " + length, e);
    } catch (ZipException e) {
      throw new FormatException(name + ": corrupt gzip data: " + e.getMessage(), e);
    }
  }

  /**
   * Reads uncompressed content.
   *
   * @param most how many bytes there can be
   * @param exact whether there are just as many
   */
  private static Tensor content(InputStream in, long most, boolean exact, String name) throws IOException {
    int[] dims = extents(in, name);
    long header = 4 + 4L * dims.length;
    long size = 1;
    for (int i = 0; i < dims.length; i++) {
      size *= dims[i]; // both below 2^31
      if (dims[i] < 1 || header + size > most) {
        throw new FormatException(name + ": at offset " + (4 + 4 * i) + ": extents " + Arrays.toString(dims)
            + (dims[i] < 1 ? " must be at least 1" : " need more than the " + most + " bytes there can be"));
      }
    }
    if (exact && header + size != most) {
      throw new FormatException(name + ": extents " + Arrays.toString(dims) + " end at offset " + (header + size)
          + ", the file at " + most);
    }
    Tensor x = empty(dims, name);
    boolean whole = false;
    try {
      fill(x, in, header, name);
      whole = true;
      return x;
    } finally {
      if (!whole) x.close();
    }
  }

  private static Tensor empty(int[] dims, String name) {
    try {
      return Tensor.empty(DType.UINT8, Format.CONTIGUOUS, Shape.of(dims));
    } catch (ShapeException e) {
      throw new FormatException(name + ": at offset 4: " + e.getMessage(), e);
    }
  }

  private static int[] extents(InputStream in, String name) throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4) throw truncated(name, magic.length);
    int rank = magic[3];
    if (magic[0] != 0 || magic[1] != 0 || rank < 1 || rank > MAX_RANK) {
      throw new FormatException("%s: not an IDX file: it begins with %02x %02x %02x %02x"
          .formatted(name, magic[0], magic[1], magic[2], magic[3]));
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw new FormatException("%s: at offset 2: element type 0x%02x, expected 0x08, unsigned bytes"
          .formatted(name, magic[2]));
    }
    byte[] extents = in.readNBytes(4 * rank);
    if (extents.length < 4 * rank) throw truncated(name, 4L + extents.length);
    int[] dims = new int[rank];
    ByteBuffer.wrap(extents).asIntBuffer().get(dims);
    return dims;
  }

  /** Copies piece by piece, and insists on the end of the stream. */
  private static void fill(Tensor x, InputStream in, long header, String name) throws IOException {
    byte[] piece = new byte[(int) Math.min(x.size(), 1 << 18)];
    long at = 0;
    while (at < x.size()) {
      int n = in.readNBytes(piece, 0, (int) Math.min(piece.length, x.size() - at));
      if (n == 0) throw truncated(name, header + at);
      ek_put(x.address() + at, piece, 0, n);
      at += n;
    }
    if (in.read() >= 0) {
      throw new FormatException(name + ": the elements end at offset " + (header + at) + ", but more bytes follow");
    }
  }

  private static FormatException truncated(String name, long offset) {
    return new FormatException(name + ": truncated at offset " + offset);
  }
}
