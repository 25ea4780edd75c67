package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.DType;
import io.github.einkorn.FormatException;
import io.github.einkorn.Memory;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("images.idx");
  }

  static byte[] idx(int... dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    ByteBuffer b = ByteBuffer.allocate(4 + 4 * dims.length + size);
    b.putInt(0x800 | dims.length);
    for (int d : dims) b.putInt(d);
    for (int i = 0; i < size; i++) b.put((byte) (i * 7));
    return b.array();
  }

  static byte[] gzip(byte[] content) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private Tensor read(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    return Idx.read(file);
  }

  private void refuses(byte[] bytes, String... says) throws IOException {
    Files.write(file, bytes);
    var refusal = assertThatThrownBy(() -> Idx.read(file)).isInstanceOf(FormatException.class)
        .hasMessageContaining(file.toString());
    for (String part : says) refusal.hasMessageContaining(part);
  }

  private static byte[] bytes(Tensor x) {
    byte[] out = new byte[(int) x.size()];
    io.github.einkorn.global.einkorn.ek_get(x.address(), out, 0, out.length);
    java.lang.ref.Reference.reachabilityFence(x);
    return out;
  }

  @Test
  void readsLabelsAndImagesCompressedOrNot() throws IOException {
    for (int[] dims : new int[][] {{1}, {7}, {2, 3, 5}, {3, 2, 2, 2}, {1000, 28, 28}}) {
      byte[] content = idx(dims);
      byte[] elements = Arrays.copyOfRange(content, 4 + 4 * dims.length, content.length);
      for (byte[] stored : new byte[][] {content, gzip(content)}) {
        Tensor x = read(stored);
        assertThat(x.shape()).isEqualTo(Shape.of(dims));
        assertThat(x.dtype()).isEqualTo(DType.UINT8);
        assertThat(bytes(x)).isEqualTo(elements);
      }
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] content = idx(2, 3, 5);
    for (int n = 0; n < content.length; n++) refuses(Arrays.copyOf(content, n), "offset");
    byte[] zipped = gzip(content);
    for (int n = 0; n < zipped.length; n++) refuses(Arrays.copyOf(zipped, n));
    for (int n = 0; n < content.length; n++) refuses(gzip(Arrays.copyOf(content, n)), "offset");
  }

  @Test
  void everyLengtheningIsRefused() throws IOException {
    byte[] content = idx(2, 3, 5);
    refuses(Arrays.copyOf(content, content.length + 1), "end at offset 46, the file at 47");
    refuses(gzip(Arrays.copyOf(content, content.length + 1)), "end at offset 46, but more bytes follow");
    byte[] zipped = gzip(content);
    for (int more : new int[] {1, 7, 9, 10, 11, 27, 600, 70_000}) {
      byte[] longer = Arrays.copyOf(zipped, zipped.length + more);
      refuses(longer, "ends at offset " + zipped.length);
      Arrays.fill(longer, zipped.length, longer.length, (byte) 0x1f);
      refuses(longer, "ends at offset " + zipped.length);
    }
    byte[] twice = Arrays.copyOf(zipped, 2 * zipped.length);
    System.arraycopy(zipped, 0, twice, zipped.length, zipped.length);
    refuses(twice, "more bytes follow");
  }

  @Test
  void everyChangedHeaderByteIsRefused() throws IOException {
    byte[] content = idx(2, 3, 5);
    for (int i = 0; i < 16; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = content.clone();
        changed[i] ^= (byte) (1 << bit);
        refuses(changed);
        refuses(gzip(changed));
      }
    }
  }

  @Test
  void changedGzipBytesNeverGiveOtherData() throws IOException {
    byte[] content = idx(2, 3, 5);
    byte[] elements = Arrays.copyOfRange(content, 16, content.length);
    byte[] zipped = gzip(content);
    int refused = 0;
    for (int i = 0; i < zipped.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = zipped.clone();
        changed[i] ^= (byte) (1 << bit);
        try {
          assertThat(bytes(read(changed))).isEqualTo(elements); // a time stamp, for instance
        } catch (FormatException e) {
          assertThat(e).hasMessageContaining(file.toString());
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(zipped.length * 8 * 3 / 4);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    refuses("<html>not found</html>".getBytes(), "not an IDX file: it begins with 3c 68 74 6d");
    refuses(new byte[] {0, 0, 0x0d, 1, 0, 0, 0, 0}, "offset 2", "0x0d");
    refuses(new byte[] {0, 0, 8, 0}, "not an IDX file");
    refuses(new byte[] {0, 0, 8, 9}, "not an IDX file");
    refuses(new byte[] {0, 0, 8, 1, 0, 0, 0, 0}, "extents [0] must be at least 1");
    refuses(new byte[] {0, 0, 8, 1, -1, -1, -1, -1, 5}, "extents [-1] must be at least 1");
    refuses(new byte[0], "truncated at offset 0");
    refuses(new byte[] {0x1f, (byte) 0x8b}, "truncated");
  }

  @Test
  void nothingIsAllocatedForWhatTheFileCannotHold() throws IOException {
    byte[] claims = {0, 0, 8, 3, 0x7f, -1, -1, -1, 0x7f, -1, -1, -1, 0x7f, -1, -1, -1, 1, 2, 3};
    byte[] tenMegabytes = {0, 0, 8, 2, 0, 0, 0x0f, -1, 0, 0, 0x0f, -1, 1};
    long before = Memory.peak();
    refuses(claims, "need more than the 19 bytes there can be");
    refuses(gzip(claims), "there can be");
    refuses(tenMegabytes, "need more than the 13 bytes");
    refuses(gzip(tenMegabytes), "there can be");
    assertThat(Memory.peak()).isEqualTo(before);
  }

  /** A megabyte of zeros is a thousand bytes of gzip: what follows the promised elements is not inflated. */
  @Test
  void bombsAreCutShort() throws IOException {
    byte[] bomb = Arrays.copyOf(idx(4), 1 << 20);
    refuses(gzip(bomb), "end at offset 12, but more bytes follow");
  }

  @Test
  void aMissingFileIsAnIoError() {
    assertThatThrownBy(() -> Idx.read(file)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> Idx.read(folder)).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void refusalsLeakNothing() throws IOException {
    byte[] cut = gzip(idx(1000, 28, 28));
    byte[] short1 = Arrays.copyOf(cut, cut.length - 9);
    long before = DatasetTest.usedMemory();
    for (int i = 0; i < 20; i++) refuses(short1);
    assertThat(Memory.used()).isEqualTo(before);
  }
}
