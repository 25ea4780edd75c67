package io.github.einkorn.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.einkorn.ops.OpCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The native benchmarks: einkorn_bench of a tree, and what it reports. */
record NativeBench(Path program, int repetitions, double seconds) {
  /** What the machine can do at most: floating-point operations and bytes per second. */
  record Peak(double flops, double bytes, Map<String, Double> all) {
    static Peak of(Map<String, Double> all) throws IOException {
      Double flops = all.get("Peak/fma"), bytes = all.get("Peak/triad");
      if (flops == null || bytes == null) {
        throw new IOException("expected the native benchmarks Peak/fma and Peak/triad, got " + all.keySet());
      }
      return new Peak(flops, bytes, all);
    }

    /** The seconds that some work takes at least. */
    double seconds(double flops, double bytes) {
      return Math.max(flops / this.flops, bytes / this.bytes);
    }
  }

  /** From the fastest repetition. */
  Peak peak(int threads) throws IOException {
    var all = new LinkedHashMap<String, Double>();
    report(threads, "--benchmark_filter=^Peak/").forEach((name, runs) -> all.put(name,
        runs.stream().mapToDouble(r -> r.path("flop/s").asDouble(r.path("bytes/s").asDouble())).max().orElseThrow()));
    return Peak.of(all);
  }

  /** Microseconds of a row, by direction; empty if it has no kernel. */
  Map<String, Interval> time(OpCase row, int threads) throws IOException {
    if (row.bench().javaOnly() != null) return Map.of();
    var times = new LinkedHashMap<String, Interval>();
    Map<String, List<JsonNode>> report = withRows(List.of(row), file -> report(threads, file, "--benchmark_filter="
        + (row.differentiable() ? "." : "/" + Rows.FORWARD + "/")));
    report.forEach((name, runs) -> times.put(name.substring(row.toString().length() + 1),
        Interval.range(runs.stream().mapToDouble(r -> r.get("real_time").asDouble() / 1e3).toArray())));
    return times;
  }

  /** Those of the rows that this program has kernels for. */
  List<String> kernelsOf(List<OpCase> rows) throws IOException {
    return withRows(rows, file -> run(1, file, "--benchmark_list_tests").lines()
        .map(name -> name.replaceAll("/.*", "")).distinct().toList());
  }

  private interface WithFile<T> {
    T apply(String argument) throws IOException;
  }

  private static <T> T withRows(List<OpCase> rows, WithFile<T> f) throws IOException {
    Path file = Files.createTempFile("rows", ".txt");
    try {
      Files.write(file, rows.stream().map(r -> r.bench().line()).toList());
      return f.apply("--rows=" + file);
    } finally {
      Files.delete(file);
    }
  }

  /** The repetitions of each benchmark, by its name without what Google Benchmark adds. */
  private Map<String, List<JsonNode>> report(int threads, String... arguments) throws IOException {
    Path out = Files.createTempFile("native", ".json");
    try {
      String[] all = Stream.concat(Arrays.stream(arguments), Stream.of("--benchmark_out=" + out,
          "--benchmark_repetitions=" + repetitions, "--benchmark_min_time=" + seconds)).toArray(String[]::new);
      run(threads, all);
      return parse(Files.readString(out));
    } finally {
      Files.delete(out);
    }
  }

  static Map<String, List<JsonNode>> parse(String json) throws IOException {
    var runs = new LinkedHashMap<String, List<JsonNode>>();
    for (JsonNode b : new ObjectMapper().readTree(json).path("benchmarks")) {
      if (!b.path("run_type").asText().equals("iteration")) continue;
      String name = b.path("run_name").asText().replaceAll("/(real_time|repeats:\\d+)", "");
      if (b.path("error_occurred").asBoolean()) throw new IOException(name + ": " + b.path("error_message").asText());
      if (!b.path("time_unit").asText().equals("ns")) throw new IOException(name + " is not timed in nanoseconds");
      runs.computeIfAbsent(name, n -> new ArrayList<>()).add(b);
    }
    return runs;
  }

  /** The threads of OpenMP, which raw oneDNN's rows use, are not to spin while the next row is measured. */
  private String run(int threads, String... arguments) throws IOException {
    String[] command = Stream.concat(Stream.of(program.toString()), Arrays.stream(arguments)).toArray(String[]::new);
    return Command.run(program.getParent(),
        Map.of("EINKORN_THREADS", Integer.toString(threads), "GOMP_SPINCOUNT", "1000"), command).orThrow().text();
  }
}
