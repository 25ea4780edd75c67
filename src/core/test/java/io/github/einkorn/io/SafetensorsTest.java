package io.github.einkorn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.FormatException;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class SafetensorsTest {
  @TempDir Path dir;

  private static byte[] bytes(String header, byte... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length).put(json).put(data).array();
  }

  private Path file(String header, byte... data) throws IOException {
    return Files.write(dir.resolve("hand.safetensors"), bytes(header, data));
  }

  private static String entry(String name, String dtype, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}".formatted(name, dtype, shape, begin, end);
  }

  @Test
  void roundTripKeepsNamesOrderTypesAndValues() {
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("u", Tensor.of(new byte[] {0, 7, (byte) 255}, 3));
    tensors.put("w", Tensor.of(new float[] {1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY}, 2, 2));
    tensors.put("n", Tensor.of(new long[] {Long.MIN_VALUE}, new int[0]));
    tensors.put("b", Tensor.of(0f, 1f, 1f).gt(0.5));
    tensors.put("ü \"quoted\"\n", Tensor.of(3f));
    Path file = dir.resolve("a/b/t.safetensors");
    Safetensors.write(file, tensors, Map.of("epoch", "7"));

    Map<String, Tensor> read = Safetensors.read(file);
    assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach((name, t) -> assertThat(read.get(name).describe()).isEqualTo(t.describe()));
    assertThat(read.get("w").toFloats()).containsExactly(1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY);
    assertThat(read.get("n").toLongs()).containsExactly(Long.MIN_VALUE);
    assertThat(read.get("u").toBytes()).containsExactly(0, 7, 255);
    assertThat(read.get("b").sum().item()).isEqualTo(2);
    assertThat(Safetensors.metadata(file)).containsExactly(Map.entry("epoch", "7"));
  }

  @Test
  void largeTensorsGoThroughInChunks() {
    int n = 3 * Safetensors.CHUNK / 4 + 5; // three chunks and a rest
    Path file = dir.resolve("large.safetensors");
    Safetensors.write(file, Map.of("x", Tensor.arange(n)));
    assertThat(Safetensors.read(file).get("x").toLongs()).isEqualTo(Tensor.arange(n).toLongs());
  }

  @Test
  void channelsLastIsWrittenInLogicalOrder() {
    Tensor x = Tensor.randn(2, 3, 4, 5);
    Path file = dir.resolve("x.safetensors");
    Safetensors.write(file, Map.of("x", x.channelsLast()));
    assertThat(Safetensors.read(file).get("x").toFloats()).isEqualTo(x.toFloats());
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    Path file = dir.resolve("w.safetensors");
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("f", Tensor.of(1f));
    tensors.put("i", Tensor.of(2L));
    Safetensors.write(file, tensors);
    // CRC-32 of 02 00 00 00 00 00 00 00 00 00 80 3f, computed bit by bit below
    byte[] data = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f};
    String header = "{\"__metadata__\":{\"einkorn.crc32\":\"%08x\"},%s,%s}".formatted(
        crc32(data), entry("f", "F32", "[1]", 8, 12), entry("i", "I64", "[1]", 0, 8));
    header += " ".repeat((8 - header.length() % 8) % 8);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes(header, data));
  }

  /** Reflected, polynomial 0xedb88320, start and end inverted. */
  private static int crc32(byte[] data) {
    int crc = -1;
    for (byte b : data) {
      crc ^= b & 0xff;
      for (int i = 0; i < 8; i++) crc = crc >>> 1 ^ (crc & 1) * 0xedb88320;
    }
    return ~crc;
  }

  @Test
  void readsWhatOthersWrite() throws IOException {
    var data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).putFloat(-2).putLong(-3).array();
    Path f = file("{" + entry("b", "I64", "[]", 8, 16) + "," + entry("a", "F32", "[1, 2]", 0, 8) + "}   ", data);
    Map<String, Tensor> read = Safetensors.read(f);
    assertThat(read.keySet()).containsExactly("b", "a");
    assertThat(read.get("a").shape()).isEqualTo(Shape.of(1, 2));
    assertThat(read.get("a").toFloats()).containsExactly(1.5f, -2);
    assertThat(read.get("b").toLongs()).containsExactly(-3);
    assertThat(Safetensors.metadata(f)).isEmpty();
    assertThat(Safetensors.read(file("{}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "F64, 000000000000f83f, 1.5",
    "F16, 003c, 1", "F16, 00c0, -2", "F16, 0100, 5.9604645e-8", "F16, ff7b, 65504", "F16, 007c, Infinity",
    "F16, 00fc, -Infinity", "F16, 017e, NaN", "F16, 0080, -0.0", "F16, 5535, 0.33325195",
    "BF16, 803f, 1", "BF16, 40c0, -3", "F32, 0000803f, 1",
    "I32, feffffff, -2", "I16, feff, -2", "I8, fe, -2", "I64, feffffffffffffff, -2", "U8, fe, 254", "BOOL, 02, 1"
  })
  void convertsOtherTypes(String dtype, String hex, String expected) throws IOException {
    byte[] data = java.util.HexFormat.of().parseHex(hex);
    Tensor t = Safetensors.read(file("{" + entry("x", dtype, "[1]", 0, data.length) + "}", data)).get("x");
    assertThat(t.dtype()).isEqualTo(dtype.contains("F") ? DType.FLOAT32 : dtype.equals("U8") ? DType.UINT8
        : dtype.equals("BOOL") ? DType.BOOL : DType.INT64);
    assertThat(t.item()).isEqualTo(Float.valueOf(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "[]", "{", "}", "{}x", "{} \n{}", "{\"a\"}", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "\"a\"", " {}", "{}\0",
    "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}", "{\"__metadata__\":{},\"__metadata__\":{}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967297],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}}",
    "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3,4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
        + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
    "{\"__metadata__\":{\"einkorn.crc32\":\"00000001\"},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4],"
        + "\"data_offsets\":[0,4]}}",
    "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
  })
  void refusesBadHeaders(String header) throws IOException {
    Path f = file(header, (byte) 0, (byte) 0, (byte) 0, (byte) 0);
    assertThatThrownBy(() -> Safetensors.read(f)).isInstanceOf(FormatException.class)
        .hasMessageContaining("hand.safetensors, byte ");
  }

  @Test
  void refusesOtherEncodings() throws IOException {
    byte[] json = "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE);
    var all = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    Path f = Files.write(dir.resolve("utf16"), all.array());
    assertThatThrownBy(() -> Safetensors.read(f)).isInstanceOf(FormatException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 3, 100_000_000, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void refusesBadHeaderLengths(long length) throws IOException {
    byte[] b = bytes("{}");
    ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path f = Files.write(dir.resolve("length"), b);
    assertThatThrownBy(() -> Safetensors.read(f)).isInstanceOf(FormatException.class)
        .hasMessageContaining("length, byte ");
  }

  @Test
  void everyFlippedByteAndEveryTruncationIsRefusedOrReadsAsAFile() throws IOException {
    Path file = dir.resolve("good.safetensors");
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("0.weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("1.num_batches_tracked", Tensor.of(new long[] {9}, new int[0]));
    Safetensors.write(file, tensors, Map.of("format", "pt"));
    byte[] good = Files.readAllBytes(file);
    int dataStart = 8 + (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long before = Memory.used();
    int refused = 0, flips = 0;
    for (int i = 0; i < good.length; i++) {
      for (int value : new int[] {good[i] ^ 1, good[i] ^ 0x80, good[i] ^ 0x20, 0, 0xff, '"', '}', '9'}) {
        if ((byte) value == good[i]) continue;
        byte[] bad = good.clone();
        bad[i] = (byte) value;
        boolean read = reads(bad);
        flips++;
        if (!read) refused++;
        if (i >= dataStart || i < 8) assertThat(read).as("byte %d as %d", i, value).isFalse();
      }
    }
    for (int n = 0; n < good.length; n++) assertThat(reads(Arrays.copyOf(good, n))).as("first %d bytes", n).isFalse();
    assertThat(reads(Arrays.copyOf(good, good.length + 1))).isFalse();
    assertThat(reads(good)).isTrue();
    assertThat(refused).isGreaterThan(flips / 2);
    assertThat(Memory.used()).as("what a refused file had made is freed").isEqualTo(before);
  }

  /** Whether it reads; anything but a FormatException fails the test. */
  private boolean reads(byte[] bytes) throws IOException {
    Path f = Files.write(dir.resolve("flipped"), bytes);
    try (var s = new Scope()) {
      for (Tensor t : Safetensors.read(f).values()) t.contiguous().address();
      return true;
    } catch (FormatException e) {
      assertThat(e.getMessage()).contains("flipped, byte ");
      return false;
    }
  }

  @Test
  void anUnreadableFileIsAnIoError() {
    assertThatThrownBy(() -> Safetensors.read(dir.resolve("none"))).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none").hasMessageContaining("NoSuchFile");
    assertThatThrownBy(() -> Safetensors.metadata(dir.resolve("none"))).hasMessageContaining("NoSuchFile");
    assertThatThrownBy(() -> Safetensors.write(dir, Map.of())).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = dir.resolve("model.safetensors");
    Safetensors.write(file, Map.of("a", Tensor.of(1f)));
    byte[] old = Files.readAllBytes(file);
    Tensor closed = Tensor.of(2f);
    closed.close();
    assertThatThrownBy(() -> Safetensors.write(file, Map.of("a", closed))).isInstanceOf(ClosedTensorException.class);
    assertThatThrownBy(() -> Safetensors.write(file, Map.of("__metadata__", Tensor.of(1f))))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("__metadata__");
    assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
      channel.write(ByteBuffer.wrap(new byte[100]));
      throw new IOException("disk full");
    })).hasMessage("disk full");
    assertThat(Files.readAllBytes(file)).isEqualTo(old);
    try (var all = Files.list(dir)) {
      assertThat(all).containsExactly(file);
    }
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path target = dir.resolve("target"), link = dir.resolve("link");
    Safetensors.write(target, Map.of("a", Tensor.of(1f)));
    Files.createSymbolicLink(link, target);
    Safetensors.write(link, Map.of("a", Tensor.of(2f)));
    assertThat(link).isSymbolicLink();
    assertThat(Safetensors.read(target).get("a").item()).isEqualTo(2);
  }

  /** Saves the same file for ever, every time with another value in all elements. */
  static final class Saver {
    public static void main(String[] args) {
      for (int i = 0; ; i++) {
        try (var s = new Scope()) {
          Safetensors.write(Path.of(args[0]), Map.of("x", Tensor.full(i, 50_000)));
          if (i == 0) System.out.println("saved");
        }
      }
    }
  }

  @Test
  void aKilledProcessLeavesACompleteFile() throws Exception {
    Path file = dir.resolve("killed.safetensors");
    for (int round = 0; round < 3; round++) {
      var process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-cp", System.getProperty("java.class.path"), Saver.class.getName(), file.toString()))
          .redirectError(ProcessBuilder.Redirect.INHERIT).start();
      assertThat(process.inputReader().readLine()).isEqualTo("saved");
      Thread.sleep(17 * round + 5);
      process.destroyForcibly().waitFor();
      Tensor x = Safetensors.read(file).get("x");
      assertThat(x.max().item()).isEqualTo(x.min().item());
    }
  }
}
