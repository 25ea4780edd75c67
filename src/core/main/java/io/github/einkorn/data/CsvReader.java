package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.FormatException;
import io.github.einkorn.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads tables of numbers, comma-separated (RFC 4180), UTF-8:
 *
 * <pre>{@code
 * CsvDataset iris = new CsvReader().label("species").read(Path.of("iris.csv"));
 * }</pre>
 *
 * <p>Blank lines are left out. A label column of whole numbers gives these, one of words their place in the sorted list
 * of the words; both in one column are an error. Names of columns are taken as they are, with their blanks, and no
 * other column may be called as the label.
 */
public final class CsvReader {
  private boolean header = true;
  private char delimiter = ',';
  private Object target; // its name or its number
  private boolean regression;
  private final Set<String> ignored = new HashSet<>();
  private Float missing;

  /** Whether the first line names the columns. Default true. */
  public CsvReader header(boolean wanted) {
    header = wanted;
    return this;
  }

  /** What separates fields. Default a comma. */
  public CsvReader delimiter(char c) {
    if (c == '"' || c == '\n' || c == '\r') {
      throw new IllegalArgumentException("CsvReader: a delimiter can be neither a quote nor the end of a line");
    }
    delimiter = c;
    return this;
  }

  /** The column of labels, int64. */
  public CsvReader label(String column) {
    return target(Objects.requireNonNull(column, "column"), false);
  }

  /** The column of labels, int64; 0 is the first, -1 the last. */
  public CsvReader label(int column) {
    return target(column, false);
  }

  /** The column of numbers to predict: y is a float. */
  public CsvReader target(String column) {
    return target(Objects.requireNonNull(column, "column"), true);
  }

  /** The column of numbers to predict: y is a float; 0 is the first, -1 the last. */
  public CsvReader target(int column) {
    return target(column, true);
  }

  private CsvReader target(Object column, boolean number) {
    target = column;
    regression = number;
    return this;
  }

  /** Columns to leave out, by their names, or their numbers where there is no header. */
  public CsvReader ignore(String... columns) {
    ignored.addAll(Check.all("columns", columns));
    return this;
  }

  /** What stands for empty fields, as 0 or NaN. By default they are an error. */
  public CsvReader missing(double value) {
    missing = (float) value;
    return this;
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is not such a table: the message names the file, the line and the column
   * @throws IllegalStateException if neither label nor target was called
   * @throws UncheckedIOException if it cannot be read
   */
  public CsvDataset read(Path file) {
    if (target == null) throw new IllegalStateException("CsvReader: say which column is the label(…) or target(…)");
    try (Reader in = Files.newBufferedReader(file)) {
      return read(in, file.toString());
    } catch (CharacterCodingException e) {
      throw new FormatException(file + ": not UTF-8", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  CsvDataset read(Reader in, String name) throws IOException {
    var lines = new CsvLines(new BufferedReader(in), delimiter, name);
    List<String> first = lines.next();
    if (first == null) throw new FormatException(name + ": the file is empty");
    List<String> names = header ? List.copyOf(first) : counted(first.size());
    if (target instanceof String label && names.indexOf(label) != names.lastIndexOf(label)) {
      throw lines.error("two columns are called " + quoted(label));
    }
    int y = column(names, name);
    int[] x = inputs(names, y, name);
    var values = new FloatList();
    List<String> targets = new ArrayList<>();
    List<Integer> where = new ArrayList<>();
    for (List<String> row = header ? lines.next() : first; row != null; row = lines.next()) {
      if (row.size() != names.size()) {
        throw lines.error("expected " + names.size() + " fields, got " + row.size());
      }
      for (int c : x) values.add(number(row.get(c), names.get(c), lines));
      if (row.get(y).isBlank()) throw lines.error("the " + names.get(y) + " is missing");
      targets.add(row.get(y).strip());
      where.add(lines.line());
    }
    if (targets.isEmpty()) throw new FormatException(name + ": there are no rows");
    Tensor xs = Tensor.of(values.toArray(), targets.size(), x.length);
    List<String> columns = Arrays.stream(x).mapToObj(names::get).toList();
    if (regression) return new CsvDataset(xs, numbers(targets, names.get(y), where, name), columns, List.of());
    refuseMixed(targets, names.get(y), where, name);
    return CsvDataset.labelled(xs, targets, columns);
  }

  private static Tensor numbers(List<String> targets, String column, List<Integer> where, String name) {
    float[] numbers = new float[targets.size()];
    for (int i = 0; i < numbers.length; i++) numbers[i] = parsed(targets.get(i), column, name + ":" + where.get(i));
    return Tensor.of(numbers);
  }

  private static void refuseMixed(List<String> labels, String column, List<Integer> where, String name) {
    int[] words = IntStream.range(0, labels.size()).filter(i -> !CsvDataset.isWhole(labels.get(i))).toArray();
    if (words.length == 0 || words.length == labels.size()) return;
    throw new FormatException(name + ":" + where.get(words[0]) + ": " + column + ": " + shown(labels.get(words[0]))
        + " is not a whole number of at most 18 digits, and other labels are: expected numbers or words, not both");
  }

  private static List<String> counted(int n) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < n; i++) names.add(String.valueOf(i));
    return names;
  }

  private int column(List<String> names, String file) {
    int found = target instanceof Integer i ? (i < 0 ? i + names.size() : i) : names.indexOf(target);
    if (found < 0 || found >= names.size()) {
      throw new FormatException(file + ": there is no column " + (target instanceof Integer ? target : quoted(target))
          + ", but " + listed(names));
    }
    return found;
  }

  private int[] inputs(List<String> names, int y, String file) {
    for (String s : ignored) {
      if (!names.contains(s)) {
        throw new FormatException(file + ": there is no column " + quoted(s) + " to ignore, but " + listed(names));
      }
    }
    int[] x = IntStream.range(0, names.size())
        .filter(c -> c != y && !ignored.contains(names.get(c))).toArray();
    if (x.length == 0) throw new FormatException(file + ": no columns are left for x");
    return x;
  }

  /** Names with quotes around each, which show blanks. */
  private static String listed(List<String> names) {
    return names.stream().map(CsvReader::quoted).collect(Collectors.joining(", "));
  }

  private static String quoted(Object name) {
    return "'" + name + "'";
  }

  private float number(String field, String column, CsvLines lines) {
    if (!field.isBlank()) return parsed(field, column, lines.where());
    if (missing != null) return missing;
    throw lines.error("the " + column + " is missing; CsvReader.missing(value) gives what stands for it");
  }

  private static float parsed(String field, String column, String where) {
    String text = field.strip();
    try {
      float v = isDecimal(text) ? Float.parseFloat(text) : Float.NaN;
      if (Float.isFinite(v)) return v;
    } catch (NumberFormatException e) {
      // said below
    }
    throw new FormatException(where + ": " + column + ": " + shown(text) + " is not a finite number; ignore(…) leaves "
        + "a column out");
  }

  /** Java would take NaN, 1f and 0x1p3 for numbers too. */
  private static boolean isDecimal(String text) {
    for (int i = 0; i < text.length(); i++) if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) return false;
    return true;
  }

  private static String shown(String text) {
    return quoted(text.length() > 40 ? text.substring(0, 40) + "…" : text);
  }
}
