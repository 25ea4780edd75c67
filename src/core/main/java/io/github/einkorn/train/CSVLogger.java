package io.github.einkorn.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the numbers of every epoch into a file, one line each under a line of names: {@code epoch}, from 1, then those
 * of the logs. A line is in the file when its epoch has ended. Keras's callback of that name.
 */
public final class CSVLogger implements Callback {
  private final Path file;
  private char separator = ',';
  private boolean append;
  private List<String> names;
  private Writer out;

  /** Writes a new file, in place of an old one. */
  public CSVLogger(Path file) {
    this.file = file.toAbsolutePath().normalize();
  }

  /** What stands between two numbers. Default a comma. */
  public CSVLogger separator(char between) {
    if (between == '"' || between == '\n' || between == '\r' || between == '.' || Character.isLetterOrDigit(between)) {
      throw new IllegalArgumentException("CSVLogger: '" + between + "' cannot separate numbers");
    }
    separator = between;
    return this;
  }

  /** Whether to go on in a file that is there, under its names. Default false. */
  public CSVLogger append(boolean wanted) {
    append = wanted;
    return this;
  }

  /**
   * Throws IllegalArgumentException if it is to go on in a file with other names, UncheckedIOException if it cannot.
   */
  @Override
  public void onTrainBegin(Training training) {
    names = training.names();
    var header = new ArrayList<>(List.of("epoch"));
    header.addAll(names);
    String line = line(header);
    try {
      if (file.getParent() != null) Files.createDirectories(file.getParent());
      boolean goesOn = append && Files.exists(file) && Files.size(file) > 0;
      if (goesOn) {
        try (var lines = Files.lines(file)) {
          String found = lines.findFirst().orElse("");
          if (!found.equals(line)) {
            throw new IllegalArgumentException("CSVLogger: " + file + " has the columns " + found + ", and not "
                + line);
          }
        }
      }
      out = append ? Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
          : Files.newBufferedWriter(file);
      if (goesOn && !endsLine()) out.write('\n');
      if (!goesOn) write(line);
    } catch (IOException e) {
      throw new UncheckedIOException("CSVLogger: cannot write " + file, e);
    }
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    var values = new ArrayList<>(List.of(String.valueOf(epoch)));
    for (String n : names) values.add(logs.has(n) ? String.valueOf(logs.get(n)) : "NA");
    try {
      write(line(values));
    } catch (IOException e) {
      throw new UncheckedIOException("CSVLogger: cannot write " + file, e);
    }
  }

  @Override
  public void onTrainEnd(Training training) {
    if (out == null) return;
    try (Writer last = out) {
      out = null;
    } catch (IOException e) {
      throw new UncheckedIOException("CSVLogger: cannot write " + file, e);
    }
  }

  private boolean endsLine() throws IOException {
    try (var in = Files.newByteChannel(file)) {
      var last = ByteBuffer.allocate(1);
      in.position(in.size() - 1).read(last);
      return last.get(0) == '\n';
    }
  }

  private void write(String line) throws IOException {
    out.write(line);
    out.write('\n');
    out.flush();
  }

  private String line(List<String> values) {
    return String.join(String.valueOf(separator), values.stream().map(this::quoted).toList());
  }

  private String quoted(String value) {
    boolean plain = value.indexOf(separator) < 0 && value.indexOf('"') < 0 && value.indexOf('\n') < 0;
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
