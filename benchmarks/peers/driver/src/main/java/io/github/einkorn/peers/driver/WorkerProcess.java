package io.github.einkorn.peers.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The other end of {@link io.github.einkorn.peers.Worker}: a process, with a limit to every wait. */
final class WorkerProcess implements AutoCloseable {
  private static final String END = "end of output";

  private final Process process;
  private final Path log;
  private final PrintWriter in;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final double timeout;

  /** What a worker says after a round. */
  record Answer(double millis, double accuracy) {}

  /** A worker ended, hung, or was wrong; the message says so in one line. */
  static class Failed extends Exception {
    Failed(String message) {
      super(message);
    }
  }

  /** Starts one; what it writes to standard error goes to a file. */
  WorkerProcess(List<String> command, Map<String, String> environment, Path log, double timeout) throws Failed {
    this.log = log;
    this.timeout = timeout;
    try {
      Files.createDirectories(log.getParent());
      var builder = new ProcessBuilder(command).redirectError(log.toFile());
      builder.environment().putAll(environment);
      process = builder.start();
      sacrifice(process);
    } catch (IOException e) {
      throw new Failed("cannot be started: " + e.getMessage());
    }
    in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    var reader = new Thread(this::read, "output of " + log.getFileName());
    reader.setDaemon(true);
    reader.start();
  }

  /** If memory runs out, this one is to go and not the measuring. */
  private static void sacrifice(Process process) {
    try {
      Files.writeString(Path.of("/proc/" + process.pid() + "/oom_score_adj"), "1000");
    } catch (IOException ignored) { // another system, or it is gone already: the next wait says so
    }
  }

  private void read() {
    try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) lines.add(line);
    } catch (IOException ignored) { // the process was destroyed
    }
    lines.add(END);
  }

  /** Waits until it is warm; the milliseconds of a step. */
  double ready() throws Failed {
    return number(await("ready"));
  }

  /** One round. */
  Answer go(long steps) throws Failed {
    in.println("go " + steps);
    String[] words = await("ms").split(" ");
    return new Answer(number(words[0]), words.length > 1 ? number(words[1]) : Double.NaN);
  }

  /** The rest of the next line that begins with a word; other lines are the library's own remarks. */
  private String await(String word) throws Failed {
    long end = System.nanoTime() + (long) (timeout * 1e9);
    while (true) {
      String line = next(end - System.nanoTime());
      if (line == null) throw new Failed("no answer for " + Math.round(timeout) + " s");
      if (line.equals(END)) throw new Failed(lastWords());
      if (line.startsWith(word + " ")) return line.substring(word.length() + 1).trim();
      if (line.startsWith("unsupported ")) throw new Failed(line.substring("unsupported ".length()).trim());
    }
  }

  private String next(long nanos) throws Failed {
    try {
      return lines.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new Failed("interrupted");
    }
  }

  private static double number(String text) throws Failed {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new Failed("expected a number of milliseconds, got \"" + text + "\"");
    }
  }

  /** How it ended, and what it said last that tells why. */
  private String lastWords() {
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) return "closed its output and goes on";
      int code = process.exitValue();
      String how = code == 137 ? "was killed, as happens when memory runs out"
          : code > 128 ? "died of signal " + (code - 128) : "ended with exit code " + code;
      return how + Log.reason(log).map(s -> ": " + s).orElse("");
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }

  /** The largest resident size it has had, in bytes; 0 where the system does not tell. */
  long peakBytes() {
    try (var status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return status.filter(l -> l.startsWith("VmHWM:")).findFirst()
          .map(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024).orElse(0L);
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0;
    }
  }

  /** Asks it to end, and ends it if it does not. */
  @Override
  public void close() {
    in.close();
    try {
      if (process.waitFor(2, TimeUnit.SECONDS)) return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
