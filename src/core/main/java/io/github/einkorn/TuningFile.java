package io.github.einkorn;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.einkorn.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link Tuning} as JSON. What a file claims is checked, so that a corrupt one is a FormatException and no more. */
final class TuningFile {
  private static final String FORMAT = "einkorn tuning 1";
  private static final int MAX_BYTES = 16 << 20;
  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).maxNumberLength(20).build())
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  private static final Map<Class<?>, String> NAMES =
      Map.of(Map.class, "an object", List.class, "a list", String.class, "a text", Long.class, "a whole number");

  /** The fields of a shape in the order of its numbers, and how many each has. */
  private static final Map<String, Integer> SHAPE = new LinkedHashMap<>();

  static {
    SHAPE.put("input", 4);
    SHAPE.put("out", 1);
    SHAPE.put("kernel", 2);
    SHAPE.put("stride", 2);
    SHAPE.put("dilation", 2);
    SHAPE.put("pad", 4);
    SHAPE.put("groups", 1);
  }

  private final Path file;

  private TuningFile(Path file) {
    this.file = file;
  }

  static void write(Path file, Tuning t) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeStringField("format", FORMAT);
      json.writeObjectFieldStart("machine");
      json.writeStringField("cpu", t.machine().cpu());
      json.writeStringField("isa", t.machine().isa());
      json.writeNumberField("threads", t.machine().threads());
      json.writeStringField("versions", t.machine().versions());
      json.writeEndObject();
      json.writeArrayFieldStart("convolutions");
      for (var c : t.choices()) write(json, c);
      json.writeEndArray();
      json.writeEndObject();
    }
    AtomicFile.write(file, channel -> {
      for (var b = ByteBuffer.wrap(bytes.toByteArray()); b.hasRemaining(); ) channel.write(b);
    });
  }

  private static void write(JsonGenerator json, Tuning.Choice c) throws IOException {
    json.writeStartObject();
    json.writeStringField("operation", c.op());
    int[] numbers = c.convolution().numbers();
    int at = 0;
    for (var field : SHAPE.entrySet()) {
      json.writeFieldName(field.getKey());
      json.writeArray(numbers, at, field.getValue());
      at += field.getValue();
    }
    json.writeStringField("algorithm", c.algorithm());
    json.writeObjectFieldStart("nanoseconds");
    for (var e : c.nanoseconds().entrySet()) json.writeNumberField(e.getKey(), e.getValue());
    json.writeEndObject();
    json.writeEndObject();
  }

  static Tuning read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) throw new FormatException(file + ": larger than " + MAX_BYTES + " bytes");
    byte[] bytes = Files.readAllBytes(file);
    try (JsonParser json = JSON.createParser(bytes)) {
      json.nextToken();
      Object value = value(json);
      if (json.nextToken() != null) throw new FormatException(file + ": something follows the JSON");
      return new TuningFile(file).tuning(value);
    } catch (JacksonException e) {
      throw new FormatException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Map, List, String or Long, whatever comes; null for everything else. */
  private static Object value(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.START_OBJECT) {
      var map = new LinkedHashMap<String, Object>();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        json.nextToken();
        map.put(name, value(json));
      }
      return map;
    }
    if (token == JsonToken.START_ARRAY) {
      var list = new ArrayList<Object>();
      while (json.nextToken() != JsonToken.END_ARRAY) list.add(value(json));
      return list;
    }
    if (token == JsonToken.VALUE_STRING) return json.getText();
    return token == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : null;
  }

  private Tuning tuning(Object value) {
    Map<?, ?> top = as(Map.class, value, "the file");
    String format = field(String.class, top, "", "format");
    if (!format.equals(FORMAT)) throw bad("format", "'" + FORMAT + "'", format);
    Map<?, ?> m = field(Map.class, top, "", "machine");
    long threads = field(Long.class, m, "machine.", "threads");
    if (threads < 1 || threads > 1024) throw bad("machine.threads", "1 to 1024", threads);
    var machine = new Tuning.Machine(field(String.class, m, "machine.", "cpu"),
        field(String.class, m, "machine.", "isa"), (int) threads, field(String.class, m, "machine.", "versions"));
    List<?> list = field(List.class, top, "", "convolutions");
    var choices = new ArrayList<Tuning.Choice>();
    for (int i = 0; i < list.size(); i++) choices.add(choice(list.get(i), "convolutions[" + i + "]"));
    return new Tuning(machine, choices);
  }

  private Tuning.Choice choice(Object value, String where) {
    Map<?, ?> map = as(Map.class, value, where);
    String in = where + ".";
    String op = field(String.class, map, in, "operation");
    if (!Convolution.PASSES.contains(op)) throw bad(in + "operation", "one of " + Convolution.PASSES, op);
    List<Integer> shape = new ArrayList<>();
    SHAPE.forEach((name, count) -> numbers(map, in, name, count, shape));
    String algorithm = known(field(String.class, map, in, "algorithm"), in + "algorithm");
    var times = new LinkedHashMap<String, Long>();
    Map<?, ?> given = field(Map.class, map, in, "nanoseconds");
    for (Object name : given.keySet()) {
      times.put(known((String) name, in + "nanoseconds"),
          field(Long.class, given, in + "nanoseconds.", (String) name));
    }
    var choice = new Tuning.Choice(op, shape, algorithm, times);
    try {
      choice.convolution().candidates();
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": " + where + ": " + e.getMessage(), e);
    }
    return choice;
  }

  private void numbers(Map<?, ?> map, String in, String name, int count, List<Integer> to) {
    List<?> list = field(List.class, map, in, name);
    if (list.size() != count) throw bad(in + name, count + " numbers", list);
    for (Object o : list) {
      long v = as(Long.class, o, in + name);
      if (v != (int) v) throw bad(in + name, "an int", v);
      to.add((int) v);
    }
  }

  private String known(String algorithm, String where) {
    List<String> all = Convolution.algorithms();
    if (!all.contains(algorithm)) throw bad(where, "one of " + all, algorithm);
    return algorithm;
  }

  private <T> T field(Class<T> type, Map<?, ?> map, String in, String name) {
    return as(type, map.get(name), in + name);
  }

  private <T> T as(Class<T> type, Object value, String where) {
    if (type.isInstance(value)) return type.cast(value);
    throw bad(where, NAMES.get(type), value);
  }

  private FormatException bad(String where, String expected, Object got) {
    String text = String.valueOf(got);
    return new FormatException(file + ": " + where + ": expected " + expected + ", got "
        + (text.length() > 80 ? text.substring(0, 80) + "…" : text));
  }
}
