package io.github.einkorn.io;

import static io.github.einkorn.global.einkorn.ek_get;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.einkorn.DType;
import io.github.einkorn.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Named tensors in a file, as Hugging Face's safetensors defines it
 * (<a href="https://github.com/huggingface/safetensors#format">format</a>): 8 bytes of header length, a JSON header,
 * the numbers. Reading never runs code. Files written here also carry a CRC-32 of the numbers in their metadata,
 * verified when they are read.
 */
public final class Safetensors {
  static final long MAX_HEADER = 100_000_000; // the limit of the reference implementation
  static final String METADATA = "__metadata__";
  static final String CRC = "einkorn.crc32";
  static final int CHUNK = 1 << 20;
  private static final String CRC_UNKNOWN = "00000000";

  private Safetensors() {}

  /** Writes tensors without metadata; see {@link #write(Path, Map, Map)}. */
  public static void write(Path file, Map<String, Tensor> tensors) {
    write(file, tensors, Map.of());
  }

  /**
   * Writes tensors and metadata. The file appears complete or not at all, so that an older one under this name survives
   * whatever happens meanwhile. Missing folders are made.
   *
   * @throws UncheckedIOException if it cannot be written
   * @throws IllegalArgumentException if a name is null or {@code __metadata__}
   * @throws io.github.einkorn.ClosedTensorException if a tensor was closed
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    tensors.forEach(Safetensors::check);
    // the widest types first, as the reference does, so that every tensor is aligned to its type
    List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
    order.sort(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()));
    var begins = new LinkedHashMap<String, Long>();
    long end = 0;
    for (var e : order) {
      begins.put(e.getKey(), end);
      end += bytes(e.getValue());
    }
    try {
      byte[] header = header(tensors, begins, metadata);
      AtomicFile.write(file, channel -> {
        writeFully(channel, ByteBuffer.wrap(header));
        var crc = new CRC32();
        for (var e : order) writeData(channel, e.getValue(), crc);
        patchCrc(header, crc.getValue());
        channel.position(0);
        writeFully(channel, ByteBuffer.wrap(header));
      });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e, e);
    }
  }

  /**
   * Reads all tensors, in the order of the header. Types other than float32, int64, uint8 and bool are converted:
   * F64, F16 and BF16 to float32, I32, I16 and I8 to int64.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws io.github.einkorn.FormatException if it is not a safetensors file, truncated or corrupt; the message names
   *     file and offset
   */
  public static Map<String, Tensor> read(Path file) {
    try (var reader = new SafetensorsReader(file)) {
      return reader.tensors();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Reads the metadata alone, without the checksum; empty if there are none.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws io.github.einkorn.FormatException if it is not a safetensors file
   */
  public static Map<String, String> metadata(Path file) {
    try (var reader = new SafetensorsReader(file)) {
      return reader.metadata();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  private static void check(String name, Tensor t) {
    if (name == null || name.equals(METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + name + " in a safetensors file");
    }
    if (t == null) throw new IllegalArgumentException("tensor '" + name + "' is null");
    t.address();
  }

  private static long bytes(Tensor t) {
    return t.size() * t.dtype().bytes();
  }

  /** Length and JSON, padded with spaces to a multiple of 8; the checksum still unknown. */
  private static byte[] header(Map<String, Tensor> tensors, Map<String, Long> begins, Map<String, String> metadata)
      throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(new byte[8]);
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectFieldStart(METADATA);
      json.writeStringField(CRC, CRC_UNKNOWN);
      for (var m : metadata.entrySet()) {
        if (!m.getKey().equals(CRC)) json.writeStringField(m.getKey(), m.getValue());
      }
      json.writeEndObject();
      for (var e : tensors.entrySet()) {
        Tensor t = e.getValue();
        long begin = begins.get(e.getKey());
        json.writeObjectFieldStart(e.getKey());
        json.writeStringField("dtype", name(t.dtype()));
        json.writeFieldName("shape");
        json.writeArray(t.shape().dims(), 0, t.rank());
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, begin + bytes(t)}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (out.size() % 8 != 0) out.write(' ');
    byte[] header = out.toByteArray();
    long length = header.length - 8;
    if (length > MAX_HEADER) {
      throw new IllegalArgumentException("names and metadata take " + length + " bytes, over " + MAX_HEADER);
    }
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return header;
  }

  private static String name(DType t) {
    return switch (t) {
      case FLOAT32 -> "F32";
      case INT64 -> "I64";
      case UINT8 -> "U8";
      case BOOL -> "BOOL";
    };
  }

  private static void patchCrc(byte[] header, long crc) {
    // 8 bytes of length, then the checksum is the first thing in the JSON
    int at = 8 + ("{\"" + METADATA + "\":{\"" + CRC + "\":\"").length();
    byte[] digits = "%08x".formatted(crc).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, header, at, digits.length);
  }

  private static void writeData(FileChannel channel, Tensor t, CRC32 crc) throws IOException {
    Tensor c = t.contiguous();
    long bytes = bytes(c);
    byte[] chunk = new byte[(int) Math.min(CHUNK, bytes)];
    for (long done = 0; done < bytes; done += chunk.length) {
      int n = (int) Math.min(chunk.length, bytes - done);
      ek_get(c.address() + done, chunk, 0, n);
      crc.update(chunk, 0, n);
      writeFully(channel, ByteBuffer.wrap(chunk, 0, n));
    }
    Reference.reachabilityFence(c);
    if (c != t) c.close();
  }

  private static void writeFully(FileChannel channel, ByteBuffer b) throws IOException {
    while (b.hasRemaining()) channel.write(b);
  }
}
