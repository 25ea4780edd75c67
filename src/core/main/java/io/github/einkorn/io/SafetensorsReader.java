package io.github.einkorn.io;

import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.Format;
import io.github.einkorn.FormatException;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** An open safetensors file whose header has been checked against the size of the file. */
final class SafetensorsReader implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final long dataStart;

  SafetensorsReader(Path file) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file);
    try {
      long size = channel.size();
      if (size < 10) throw corrupt(0, "a file of " + size + " bytes is too short for safetensors");
      var start = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      readFully(start, 0);
      long length = start.getLong(0);
      if (length < 2 || length > Safetensors.MAX_HEADER || length > size - 8) {
        throw corrupt(0, "a header of " + Long.toUnsignedString(length) + " bytes in a file of " + size);
      }
      dataStart = 8 + length;
      header = SafetensorsHeader.parse(file, channel, length);
      checkOffsets(size - dataStart);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The data must be covered exactly, without holes or overlaps, each tensor by as many bytes as its shape takes. */
  private void checkOffsets(long dataSize) {
    long end = 0;
    for (var e : inFile()) {
      var t = e.getValue();
      String name = "tensor '" + e.getKey() + "': ";
      if (t.begin() != end || t.end() < t.begin() || t.end() > dataSize) {
        throw corrupt(dataStart + end, name + "data offsets [" + t.begin() + ", " + t.end() + "] where " + end
            + " should begin, in " + dataSize + " bytes of data");
      }
      end = t.end();
      Shape shape;
      try {
        shape = Shape.of(t.shape());
      } catch (ShapeException bad) {
        throw corrupt(dataStart + t.begin(), name + bad.getMessage());
      }
      if (shape.size() * t.type().bytes() != t.end() - t.begin()) {
        throw corrupt(dataStart + t.begin(), name + (t.end() - t.begin()) + " bytes for " + t.type() + " " + shape);
      }
    }
    if (end != dataSize) throw corrupt(dataStart + end, dataSize - end + " bytes belong to no tensor");
  }

  private List<Map.Entry<String, SafetensorsHeader.Entry>> inFile() {
    var all = new ArrayList<>(header.entries().entrySet());
    all.sort(Comparator.comparingLong(e -> e.getValue().begin()));
    return all;
  }

  Map<String, String> metadata() {
    var m = new LinkedHashMap<>(header.metadata());
    m.remove(Safetensors.CRC);
    return m;
  }

  /** Reads the data in one pass; what was made is closed again if the file turns out corrupt. */
  Map<String, Tensor> tensors() throws IOException {
    var tensors = new LinkedHashMap<String, Tensor>();
    header.entries().keySet().forEach(name -> tensors.put(name, null)); // the order of the header
    var crc = new CRC32();
    try {
      for (var e : inFile()) {
        var entry = e.getValue();
        Tensor t = Tensor.empty(entry.type().tensorType(), Format.CONTIGUOUS, Shape.of(entry.shape()));
        tensors.put(e.getKey(), t);
        readData(entry, t, crc);
      }
      checkCrc(crc.getValue());
      return tensors;
    } catch (IOException | RuntimeException e) {
      for (Tensor t : tensors.values()) if (t != null) t.close();
      throw e;
    }
  }

  private void readData(SafetensorsHeader.Entry entry, Tensor t, CRC32 crc) throws IOException {
    int from = entry.type().bytes(), to = t.dtype().bytes();
    var chunk = ByteBuffer.allocate((int) Math.min(Safetensors.CHUNK, entry.end() - entry.begin()))
        .order(ByteOrder.LITTLE_ENDIAN);
    long address = t.address();
    for (long at = entry.begin(); at < entry.end(); at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), entry.end() - at));
      readFully(chunk, dataStart + at);
      crc.update(chunk.array(), 0, chunk.limit());
      byte[] values = entry.type().convert(chunk);
      long elements = chunk.limit() / from;
      ek_put(address, values, 0, elements * to);
      address += elements * to;
    }
    t.touch();
    Reference.reachabilityFence(t);
  }

  private void checkCrc(long actual) {
    String stored = header.metadata().get(Safetensors.CRC);
    if (stored != null && !stored.equals("%08x".formatted(actual))) {
      throw corrupt(dataStart, "checksum " + "%08x".formatted(actual) + " of the data, but " + stored + " was written");
    }
  }

  private void readFully(ByteBuffer b, long position) throws IOException {
    int start = b.position();
    while (b.hasRemaining()) {
      if (channel.read(b, position + b.position() - start) < 0) throw new EOFException(file + " became shorter");
    }
  }

  private FormatException corrupt(long offset, String what) {
    return SafetensorsHeader.corrupt(file, offset, what);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
