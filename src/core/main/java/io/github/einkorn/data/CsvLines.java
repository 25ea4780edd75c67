package io.github.einkorn.data;

import io.github.einkorn.FormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The records of a CSV file, one at a time. A quoted field may hold delimiters, ends of lines and doubled quotes. */
final class CsvLines {
  private static final int MAX_FIELD = 1 << 20;
  private static final int MAX_FIELDS = 1 << 20;

  private final BufferedReader in;
  private final char delimiter;
  private final String name;
  private int line; // where the record began
  private int next = 1;

  CsvLines(BufferedReader in, char delimiter, String name) throws IOException {
    this.in = in;
    this.delimiter = delimiter;
    this.name = name;
    in.mark(1);
    if (in.read() != 0xfeff) in.reset(); // byte order mark
  }

  /** Where the last record began. */
  int line() {
    return line;
  }

  String where() {
    return name + ":" + line;
  }

  FormatException error(String message) {
    return new FormatException(where() + ": " + message);
  }

  /** The fields of the next record that is not blank, or null at the end. */
  List<String> next() throws IOException {
    while (true) {
      line = next;
      int c = in.read();
      if (c < 0) return null;
      if (c == '\n') {
        next++;
      } else if (c != '\r') {
        List<String> fields = fields(c);
        if (fields.size() > 1 || !fields.get(0).isBlank()) return fields;
      }
    }
  }

  private List<String> fields(int c) throws IOException {
    List<String> fields = new ArrayList<>();
    while (true) {
      var field = new StringBuilder();
      c = c == '"' ? quoted(field) : plain(field, c);
      fields.add(field.toString());
      if (fields.size() > MAX_FIELDS) throw error("more than " + MAX_FIELDS + " fields");
      if (c != delimiter) return fields;
      c = in.read();
    }
  }

  /** Reads up to a delimiter or the end of the record; returns that. */
  private int plain(StringBuilder field, int c) throws IOException {
    while (c >= 0 && c != delimiter && c != '\n') {
      add(field, c);
      c = in.read();
    }
    if (c == '\n') next++;
    if (c != delimiter && field.length() > 0 && field.charAt(field.length() - 1) == '\r') {
      field.setLength(field.length() - 1);
    }
    return c;
  }

  private int quoted(StringBuilder field) throws IOException {
    while (true) {
      int c = in.read();
      if (c < 0) throw error("a quoted field is not closed");
      if (c == '\n') next++;
      if (c == '"') {
        c = in.read();
        if (c != '"') return behind(c);
      }
      add(field, c);
    }
  }

  /** What follows the closing quote. */
  private int behind(int c) throws IOException {
    if (c == '\r') c = in.read();
    if (c >= 0 && c != delimiter && c != '\n') {
      throw error("expected a delimiter behind a quoted field, got '" + (char) c + "'");
    }
    if (c == '\n') next++;
    return c;
  }

  private void add(StringBuilder field, int c) {
    if (field.length() == MAX_FIELD) throw error("a field has more than " + MAX_FIELD + " characters");
    field.append((char) c);
  }
}
