package io.github.einkorn.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file name with Python's format fields: {@code {epoch:03d}}, {@code {val_loss:.4f}}, {@code {accuracy}}; braces are
 * doubled to stand for themselves. Of the format, [0][width][.digits][d|f|e] is understood, d for {@code epoch} and
 * {@code batch} only.
 */
final class Template {
  static final String EPOCH = "epoch";
  static final String BATCH = "batch"; // of what is saved after batches
  private static final Pattern PART = Pattern.compile("\\{\\{|}}|\\{([^{}:]+)(?::([^{}]*))?}|[^{}]+");
  private static final Pattern FORMAT = Pattern.compile("(0?)([1-9]\\d?)?(\\.\\d{1,2})?([dfe]?)");

  /** A field with the format Java knows, or, where the field is null, words. */
  private record Part(String field, String text) {}

  private final String who;
  private final String template;
  private final List<Part> parts = new ArrayList<>();

  /** Throws IllegalArgumentException if a field cannot be read, or the name leads out of the folder. */
  Template(String who, String template) {
    this.who = who;
    this.template = template;
    Matcher m = PART.matcher(template);
    int at = 0;
    for (; m.find() && m.start() == at; at = m.end()) {
      if (m.group(1) != null) parts.add(new Part(m.group(1), javaFormat(m.group(1), m.group(2))));
      else parts.add(new Part(null, m.group().equals("{{") ? "{" : m.group().equals("}}") ? "}" : m.group()));
    }
    if (at < template.length()) throw wrong("cannot read it from \"" + template.substring(at) + "\"");
    Path path = Path.of(name(f -> 1));
    boolean leaves = path.isAbsolute() || template.isBlank() || template.endsWith("/") || path.getNameCount() == 0;
    for (Path p : path) leaves |= p.toString().equals("..") || p.toString().equals(".");
    if (leaves) throw wrong("it must name a file inside the folder");
  }

  private String javaFormat(String field, String format) {
    if (format == null || format.isEmpty()) return "";
    Matcher m = FORMAT.matcher(format);
    boolean whole = isWhole(field);
    if (m.matches()) {
      String width = m.group(2) == null ? "" : m.group(1) + m.group(2);
      String digits = m.group(3) == null ? "" : m.group(3);
      String type = m.group(4).isEmpty() && whole ? "d" : m.group(4);
      if (type.equals("d") && whole && digits.isEmpty()) return "%" + width + ".0f";
      if (type.equals("f") || type.equals("e")) return "%" + width + digits + type;
    }
    throw wrong("the format \":" + format + "\" of " + field + " is not "
        + (whole ? "[0][width]d" : "[0][width][.digits]f or e"));
  }

  private static boolean isWhole(String field) {
    return field.equals(EPOCH) || field.equals(BATCH);
  }

  private IllegalArgumentException wrong(String why) {
    return new IllegalArgumentException(who + ": template \"" + template + "\": " + why);
  }

  /** Throws IllegalArgumentException unless every field is {@code epoch} or one of the names. */
  void check(Collection<String> names) {
    for (Part p : parts) {
      if (p.field != null && !p.field.equals(EPOCH) && !names.contains(p.field)) {
        throw wrong("nothing produces {" + p.field + "}; there are epoch, " + String.join(", ", names));
      }
    }
  }

  /** Throws IllegalArgumentException if a field is not in the logs. */
  String name(int epoch, int batch, Map<String, Double> logs) {
    return name(field -> field.equals(EPOCH) ? epoch : field.equals(BATCH) ? batch : number(field, logs));
  }

  private double number(String field, Map<String, Double> logs) {
    if (logs.containsKey(field)) return logs.get(field);
    throw wrong("the logs have no {" + field + "}, only " + logs.keySet()
        + ": a callback that adds it must come first");
  }

  private String name(ToDoubleFunction<String> values) {
    var s = new StringBuilder();
    for (Part p : parts) {
      if (p.field == null) {
        s.append(p.text);
        continue;
      }
      double v = values.applyAsDouble(p.field);
      if (!p.text.isEmpty()) s.append(String.format(Locale.ROOT, p.text, v));
      else s.append(isWhole(p.field) ? String.valueOf((long) v) : String.valueOf(v));
    }
    return s.toString();
  }
}
