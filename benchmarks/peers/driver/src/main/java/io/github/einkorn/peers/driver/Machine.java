package io.github.einkorn.peers.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was measured on, and with what: names and what is said of them. */
record Machine(Map<String, String> facts) {
  private static final List<String> FLAGS = List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni",
      "amx_tile", "asimd", "sve");

  /** Processors in use by others that make figures worthless. */
  private static final double BUSY = 0.3;

  static Machine read(Libraries libraries, List<Library> wanted, List<Integer> threads, Consumer<String> status) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("processor", cpu());
    facts.put("memory", meminfo());
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
        + System.getProperty("java.version"));
    facts.put("in use before", inUse());
    for (int n : threads) {
      status.accept("peak of " + n + " thread(s)");
      facts.put("peak, " + n + " thread(s)", peak(libraries.cmake().resolve("einkorn_bench"), n));
    }
    facts.put("Einkorn", commit(libraries.cmake()));
    for (Library l : wanted) {
      String version = l == Library.EINKORN ? null : libraries.version(l);
      if (version != null) facts.put(l.title, version);
    }
    return new Machine(facts);
  }

  /** A line each. */
  String text() {
    return facts.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue() + "\n").collect(Collectors.joining());
  }

  private static String cpu() {
    String model = first("/proc/cpuinfo", "model name", System.getProperty("os.arch"));
    List<String> flags = List.of(first("/proc/cpuinfo", "flags", "").split(" "));
    return model + ", " + Runtime.getRuntime().availableProcessors() + " processors, "
        + FLAGS.stream().filter(flags::contains).collect(Collectors.joining(" "));
  }

  /** Processors in use during a second; a load average would still count the build before. */
  private static String inUse() {
    try {
      long[] before = ticks();
      Thread.sleep(1000);
      long[] after = ticks();
      double idle = (double) (after[1] - before[1]) / (after[0] - before[0]);
      double inUse = (1 - idle) * Runtime.getRuntime().availableProcessors();
      String remark = inUse < BUSY ? "" : ": the machine was busy, do not trust the figures";
      return String.format(Locale.ROOT, "%.2f processors%s", inUse, remark);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    } catch (NumberFormatException e) {
      return "unknown";
    }
  }

  /** Time of all processors, as user, nice, system, idle, waiting, …; and how much of it they were idle. */
  private static long[] ticks() {
    String[] times = first("/proc/stat", "cpu ", "unknown").strip().split("\\s+");
    long all = 0, idle = 0;
    for (int i = 1; i < times.length; i++) {
      all += Long.parseLong(times[i]);
      if (i == 4 || i == 5) idle += Long.parseLong(times[i]);
    }
    if (all == 0) throw new NumberFormatException("no times");
    return new long[] {all, idle};
  }

  private static String meminfo() {
    String total = first("/proc/meminfo", "MemTotal", "").replaceAll("\\D", "");
    return total.isEmpty() ? "unknown" : Math.round(Long.parseLong(total) / 1e6) + " GB";
  }

  /** What follows the colon (or all) of the first line that begins so. */
  private static String first(String file, String start, String otherwise) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines.filter(l -> l.startsWith(start)).findFirst().map(l -> l.replaceFirst("^[^:]*:\\s*", ""))
          .orElse(otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }

  private static String commit(Path inside) {
    try {
      String directory = inside.getParent().toString();
      String hash = output(new ProcessBuilder("git", "-C", directory, "rev-parse", "--short", "HEAD"));
      String changes = output(new ProcessBuilder("git", "-C", directory, "status", "--porcelain", "-uno"));
      return "commit " + hash + (changes.isEmpty() ? "" : " with changes");
    } catch (IOException e) {
      return "unknown commit";
    }
  }

  /** The rows Peak/fma and Peak/triad of the native benchmark: the most that any kernel could reach. */
  private static String peak(Path benchmark, int threads) {
    if (!Files.exists(benchmark)) return "unknown: " + benchmark.getFileName() + " is not built";
    var command = new ProcessBuilder(benchmark.toString(), "--benchmark_filter=^Peak", "--benchmark_format=json");
    command.environment().put("EINKORN_THREADS", Integer.toString(threads));
    try {
      return peak(output(command));
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }

  static String peak(String json) throws IOException {
    double flops = 0, bytes = 0;
    for (JsonNode row : new ObjectMapper().readTree(json).path("benchmarks")) {
      String name = row.path("name").asText();
      if (name.matches("Peak/fma(/.*)?")) flops = Math.max(flops, row.path("flop/s").asDouble());
      if (name.matches("Peak/triad(/.*)?")) bytes = Math.max(bytes, row.path("bytes/s").asDouble());
    }
    return flops == 0 ? "unknown: the benchmark has no row Peak/fma"
        : String.format(Locale.ROOT, "%.0f GFLOP/s (FMA), %.1f GB/s (triad)", flops / 1e9, bytes / 1e9);
  }

  private static String output(ProcessBuilder command) throws IOException {
    Process process = command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    try {
      if (process.waitFor() != 0) throw new IOException(command.command().get(0) + " failed");
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return text;
  }
}
