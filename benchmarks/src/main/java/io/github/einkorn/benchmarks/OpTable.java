package io.github.einkorn.benchmarks;

import io.github.einkorn.Einkorn;
import io.github.einkorn.ops.Bench.Work;
import io.github.einkorn.ops.OpCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/** The table of operations, printed line by line as it is measured, and written as Markdown. */
final class OpTable {
  private static final String COLUMNS = """
      | row | shapes | direction | Java µs | native µs | difference µs | spread | rate | of the peak |
      |---|---|---|--:|--:|--:|--:|--:|--:|""";
  private final StringBuilder text = new StringBuilder();
  private NativeBench.Peak peak;

  OpTable(String command, String commit) throws IOException {
    line("# The table of operations, " + LocalDate.now());
    line("");
    line("`" + command + "` at commit " + commit + ", on " + Runtime.getRuntime().availableProcessors()
        + " processors (" + processor() + "), Java " + Runtime.version() + ".");
    line("");
    line(Einkorn.versions());
    line("");
    line("""
        Times are medians. The difference is what Java adds to the kernels: calls, the graph, and memory for results;
        a step is forward and backward. The spread is the larger of Java's and the kernels': half of what lies between
        the fastest and the slowest repetition. The rate is that of the time through Java, in floating-point operations
        or in bytes (inputs, output, gradients, what is kept), whichever the machine's peak bounds more; above 100 %,
        the bytes came from a cache, or the kernel needs fewer operations than the formula (Winograd).""");
  }

  /** Starts the table of a number of threads. */
  void threads(int n, NativeBench.Peak peak) {
    this.peak = peak;
    line("");
    line("## " + n + (n == 1 ? " thread" : " threads"));
    line("");
    peak.all().forEach((name, rate) -> line(format("- %s: %.1f %s", name, rate / 1e9,
        name.contains("fma") ? "GFLOP/s" : "GB/s")));
    line("");
    line(COLUMNS);
  }

  /** A row in one direction; kernels is null where there are none. */
  void add(OpCase row, String direction, Interval java, Interval kernels) {
    Work work = row.bench().work(direction.equals(Rows.STEP));
    double seconds = java.middle() / 1e6, least = peak.seconds(work.flops(), work.bytes());
    boolean compute = work.flops() / peak.flops() > work.bytes() / peak.bytes();
    double spread = Math.max(java.spread(), kernels == null ? 0 : kernels.spread());
    line(format("| %s | %s | %s | %.2f | %s | %s | %.0f %% | %s | %s |", row, row.bench().shapes().replace(",", ", "),
        direction, java.middle(), kernels == null ? "" : format("%.2f", kernels.middle()),
        kernels == null ? "" : format("%.2f", java.middle() - kernels.middle()), 100 * spread,
        least == 0 ? "" : format("%.1f %s", (compute ? work.flops() : work.bytes()) / seconds / 1e9,
            compute ? "GFLOP/s" : "GB/s"),
        least == 0 ? "" : format("%.0f %%", 100 * least / seconds)));
  }

  /** Says which rows have no kernel to time, and why. */
  void javaOnly(List<OpCase> rows) {
    line("");
    for (OpCase row : rows) {
      String why = row.bench().javaOnly();
      if (why != null) line("- " + row + " has no native row: it is " + why + ".");
    }
  }

  Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.writeString(folder.resolve(LocalDate.now() + "-ops.md"), text);
  }

  private void line(String line) {
    System.out.println(line);
    text.append(line).append('\n');
  }

  private static String processor() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.filter(l -> l.startsWith("model name")).findFirst().map(l -> l.replaceAll(".*: ", ""))
          .orElse("unknown");
    }
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
