package io.github.einkorn.benchmarks;

import io.github.einkorn.Einkorn;
import io.github.einkorn.ops.OpCase;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows of one build, timed on request. First it prints the directions of all rows, as {@code row/direction} separated
 * by tabs. Then every line {@code row/direction TAB milliseconds} is answered with the nanoseconds an operation took on
 * average over about that time, or {@code error: } and why. Argument: threads.
 *
 * <p>{@link Gate} speaks with servers of other commits: a change here needs one that still understands them.
 */
public final class RowServer {
  private static final long WARM_UP = 400_000_000;

  private String current = "";
  private Run run;
  private Runnable operation;
  private double nanos;

  public static void main(String[] args) throws Exception {
    Einkorn.threads(Integer.parseInt(args[0]));
    System.out.println(Rows.select(List.of()).stream()
        .flatMap(row -> Rows.directions(row).stream().map(d -> row + "/" + d)).collect(Collectors.joining("\t")));
    var server = new RowServer();
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] request = line.split("\t");
      try {
        System.out.println(server.time(request[0], Long.parseLong(request[1])));
      } catch (RuntimeException e) {
        System.out.println("error: " + e.toString().lines().findFirst().orElse(""));
      }
    }
  }

  private double time(String name, long millis) {
    if (!name.equals(current)) prepare(name);
    operation.run(); // wakes the threads up
    nanos = average(Math.max(1, Math.round(millis * 1e6 / nanos)));
    return nanos;
  }

  private double average(long n) {
    long start = System.nanoTime();
    for (long i = 0; i < n; i++) operation.run();
    return Math.max(1, System.nanoTime() - start) / (double) n;
  }

  /** The same inputs in every process, and enough runs for the compiler to be done. */
  private void prepare(String name) {
    if (run != null) run.close();
    int slash = name.lastIndexOf('/');
    OpCase row = Rows.named(name.substring(0, slash));
    Einkorn.seed(1);
    Run next = run = new Run(row);
    operation = name.endsWith(Rows.STEP) ? next::step : next::forward;
    long start = System.nanoTime();
    do {
      nanos = average(10);
    } while (System.nanoTime() - start < WARM_UP);
    current = name;
  }
}
