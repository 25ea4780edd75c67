package io.github.einkorn.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.List;

/** A {@link RowServer} of a tree in a process of its own. */
final class Worker implements AutoCloseable {
  private final String name;
  private final Process process;
  private final PrintWriter in;
  private final BufferedReader out;
  private final List<String> rows;

  Worker(String name, Tree tree, String unpacked, int threads) throws IOException {
    this.name = name;
    process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin/java", unpacked, "-cp",
        tree.classPath(), RowServer.class.getName(), Integer.toString(threads))
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    in = new PrintWriter(process.getOutputStream(), true);
    out = new BufferedReader(new InputStreamReader(process.getInputStream()));
    rows = List.of(answer().split("\t"));
  }

  /** The rows it can time, as {@code row/direction}. */
  List<String> rows() {
    return rows;
  }

  /** Nanoseconds of one operation, averaged over about so many milliseconds. */
  double time(String row, long millis) throws IOException {
    in.println(row + "\t" + millis);
    String answer = answer();
    if (answer.startsWith("error")) throw new IOException(name + ", " + row + ": " + answer);
    return Double.parseDouble(answer);
  }

  private String answer() throws IOException {
    String line = out.readLine();
    if (line == null) throw new IOException("the process of " + name + " ended unexpectedly");
    return line;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
