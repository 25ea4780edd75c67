package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_conv2d_explain;
import static io.github.einkorn.global.einkorn.ek_profile;
import static io.github.einkorn.global.einkorn.ek_profiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was run, as the native library has counted it: the table of {@link Einkorn#explain()}. */
final class Profile {
  /** Convolutions computed with the pooling behind them. */
  private static final Map<String, String> POOLED =
      Map.of("conv2d_pool2d", "conv2d", "conv2d_pool2d_grad", "conv2d_grad_weight");

  private Profile() {}

  /** One operation of one shape by one algorithm; nanoseconds and flops in total. */
  record Row(String op, String algorithm, long calls, long nanoseconds, long flops, List<Integer> numbers) {
    /** Whether it is a convolution and nothing else. */
    boolean isConvolution() {
      return Convolution.PASSES.contains(op);
    }

    /** The convolution that it is or contains; null if there is none. */
    Convolution convolution() {
      return isConvolution() || POOLED.containsKey(op) ? new Convolution(POOLED.getOrDefault(op, op), numbers) : null;
    }
  }

  /** All that was counted, the longest first. */
  static List<Row> rows() {
    return ek_profile().getString().lines()
        .map(Profile::row)
        .sorted(Comparator.comparingLong(Row::nanoseconds).reversed())
        .toList();
  }

  private static Row row(String line) {
    String[] f = line.split("\t", -1);
    List<Integer> numbers = f[5].isEmpty() ? List.of() : Arrays.stream(f[5].split(" ")).map(Integer::valueOf).toList();
    return new Row(f[0], f[1], Long.parseLong(f[2]), Long.parseLong(f[3]), Long.parseLong(f[4]), numbers);
  }

  static String table() {
    List<Row> rows = rows();
    boolean all = ek_profiling() != 0;
    if (rows.isEmpty()) return all ? "Nothing has been run.\n" : "No convolution has been run.\n";
    long total = rows.stream().mapToLong(Row::nanoseconds).sum();
    var cells = new ArrayList<String[]>();
    cells.add(new String[] {
      "operation", "shape", "algorithm", "layout", "calls", "ms/call", "GFLOP/s", "share"
    });
    for (Row r : rows) cells.add(cells(r, total));
    return "%s, %d threads, Winograd %s; %s ms in %s%n".formatted(Einkorn.isa(), Einkorn.threads(), Einkorn.winograd(),
        number(3, total / 1e6), all ? "all operations" : "convolutions") + Table.of("<<<<>>>>", cells);
  }

  private static String[] cells(Row r, long total) {
    String[] how = how(r);
    return new String[] {
      r.op, shape(r), how[0], how[1], Long.toString(r.calls), number(3, r.nanoseconds / 1e6 / r.calls),
      r.flops == 0 ? "-" : number(1, (double) r.flops / r.nanoseconds), number(1, 100.0 * r.nanoseconds / total) + " %"
    };
  }

  /** Algorithm, with oneDNN's name of its kernel, and layout. */
  private static String[] how(Row r) {
    Convolution c = r.convolution();
    if (c == null) return new String[] {"-", "-"};
    if (!r.isConvolution()) return new String[] {r.algorithm, "-"};
    String[] f = ek_conv2d_explain(c.numbers(), c.pass(), r.algorithm).split(" ", 3);
    return new String[] {f[0] + (f.length > 2 ? " " + f[2] : ""), f[1]};
  }

  private static String shape(Row r) {
    if (r.convolution() != null) return r.convolution().describe();
    if (r.numbers.isEmpty()) return "-";
    int batch = r.numbers.get(0), m = r.numbers.get(1), k = r.numbers.get(2), n = r.numbers.get(3);
    return (batch == 1 ? "" : batch + " of ") + "%dx%d by %dx%d".formatted(m, k, k, n);
  }

  static String number(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
