package io.github.einkorn.io;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.einkorn.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON header of a safetensors file: what it claims, before that is checked against the data. */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  private static final int MAX_RANK = 32;
  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).maxNumberLength(20).build())
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  /** One tensor; offsets count from the start of the data. */
  record Entry(SafetensorsType type, int[] shape, long begin, long end) {}

  /** Parses the header, which takes {@code length} bytes from byte 8 on. */
  static SafetensorsHeader parse(Path file, FileChannel channel, long length) throws IOException {
    var in = new Section(channel, 8, length);
    // only UTF-8: a zero byte here would make the parser guess UTF-16 or UTF-32
    var first = ByteBuffer.allocate(2);
    while (first.hasRemaining() && channel.read(first, 8 + first.position()) > 0) continue;
    if (first.get(0) != '{' || first.get(1) == 0) throw corrupt(file, 8, "the header does not begin with {");
    try (JsonParser json = JSON.createParser(in)) {
      return new Parser(file, json).header();
    } catch (JacksonException e) {
      long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new FormatException(file + ", byte " + (8 + at) + ": " + e.getOriginalMessage(), e);
    }
  }

  static FormatException corrupt(Path file, long offset, String what) {
    return new FormatException(file + ", byte " + offset + ": " + what);
  }

  /** Walks the tokens. */
  private record Parser(Path file, JsonParser json) {
    SafetensorsHeader header() throws IOException {
      var entries = new LinkedHashMap<String, Entry>();
      Map<String, String> metadata = new LinkedHashMap<>();
      expect(json.nextToken(), JsonToken.START_OBJECT, "an object");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        if (name.equals(Safetensors.METADATA)) metadata(metadata);
        else entries.put(name, entry(name));
      }
      if (json.nextToken() != null) throw bad("only spaces may follow the header");
      return new SafetensorsHeader(entries, metadata);
    }

    private void metadata(Map<String, String> metadata) throws IOException {
      expect(json.nextToken(), JsonToken.START_OBJECT, "an object of metadata");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        expect(json.nextToken(), JsonToken.VALUE_STRING, "text as metadata");
        metadata.put(key, json.getText());
      }
    }

    private Entry entry(String name) throws IOException {
      expect(json.nextToken(), JsonToken.START_OBJECT, "an object for tensor '" + name + "'");
      SafetensorsType type = null;
      long[] shape = null;
      long[] offsets = null;
      while (json.nextToken() != JsonToken.END_OBJECT) {
        switch (json.currentName()) {
          case "dtype" -> type = type(name);
          case "shape" -> shape = numbers(MAX_RANK, Integer.MAX_VALUE);
          case "data_offsets" -> offsets = numbers(2, Long.MAX_VALUE);
          default -> throw bad("tensor '" + name + "' has an unknown field '" + json.currentName() + "'");
        }
      }
      if (type == null || shape == null || offsets == null || offsets.length != 2) {
        throw bad("tensor '" + name + "' needs dtype, shape and two data_offsets");
      }
      return new Entry(type, Arrays.stream(shape).mapToInt(d -> (int) d).toArray(), offsets[0], offsets[1]);
    }

    private SafetensorsType type(String name) throws IOException {
      expect(json.nextToken(), JsonToken.VALUE_STRING, "a dtype");
      for (var t : SafetensorsType.values()) if (t.name().equals(json.getText())) return t;
      throw bad("tensor '" + name + "' has the unknown dtype '" + json.getText() + "'");
    }

    private long[] numbers(int most, long max) throws IOException {
      expect(json.nextToken(), JsonToken.START_ARRAY, "an array of numbers");
      long[] all = new long[most];
      int n = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "a whole number");
        long v = json.getLongValue();
        if (n == most) throw bad("more than " + most + " numbers");
        if (v < 0 || v > max) throw bad(v + " is out of range");
        all[n++] = v;
      }
      return Arrays.copyOf(all, n);
    }

    private void expect(JsonToken token, JsonToken wanted, String what) {
      if (token != wanted) throw bad("expected " + what + ", got " + (token == null ? "the end" : token));
    }

    private FormatException bad(String what) {
      return corrupt(file, 8 + Math.max(0, json.currentTokenLocation().getByteOffset()), what);
    }
  }

  /** The bytes of a section of a file. */
  private static final class Section extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long at;

    Section(FileChannel channel, long start, long length) {
      this.channel = channel;
      this.at = start;
      this.end = start + length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int offset, int length) throws IOException {
      if (at >= end) return -1;
      int n = channel.read(ByteBuffer.wrap(b, offset, (int) Math.min(length, end - at)), at);
      if (n > 0) at += n;
      return n;
    }
  }
}
