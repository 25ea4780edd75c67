package io.github.einkorn.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs Einkorn and its peers on the same work, each in a process of its own, in alternating rounds, and prints medians
 * and the ratio of the best peer to Einkorn. Arguments: rounds, then workloads (default: 15, W2 and quickstart).
 */
public final class Peers {
  private static final String BEST = "best peer";

  /** A library in one configuration: a running worker and the milliseconds a step it took in each round. */
  private static final class Entry {
    final String name;
    final Process process;
    final PrintWriter in;
    final BufferedReader out;
    final List<Double> millis = new ArrayList<>();

    Entry(String name, Class<?> worker, String... args) throws IOException {
      this.name = name;
      List<String> command = new ArrayList<>(List.of(
          System.getProperty("java.home") + "/bin/java", "-cp", System.getProperty("java.class.path"),
          worker.getName()));
      command.addAll(Arrays.asList(args));
      var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      // PyTorch's OpenBLAS would spin a pool of its own beside OpenMP's and slow it down 2-8 times.
      builder.environment().put("OPENBLAS_NUM_THREADS", "1");
      process = builder.start();
      in = new PrintWriter(process.getOutputStream(), true);
      out = new BufferedReader(new InputStreamReader(process.getInputStream()));
      String line;
      do {
        line = out.readLine();
      } while (line != null && !line.equals("ready"));
      if (line == null) throw new IOException(name + " ended before it was ready");
    }

    void round() throws IOException {
      in.println("go");
      String line = out.readLine();
      if (line == null) throw new IOException(name + " ended while it was measured");
      millis.add(Double.parseDouble(line));
    }

    double quantile(double q) {
      double[] sorted = millis.stream().mapToDouble(d -> d).sorted().toArray();
      return sorted[(int) Math.round(q * (sorted.length - 1))];
    }
  }

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
    List<String> workloads =
        args.length > 1 ? Arrays.asList(args).subList(1, args.length) : List.of("W2", "quickstart");
    for (String workload : workloads) {
      for (String threads : new String[] {"2", "1"}) run(workload, threads, rounds);
    }
  }

  private static void run(String workload, String threads, int rounds) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try {
      entries.add(new Entry("Einkorn", EinkornWorker.class, workload, threads));
      for (String format : new String[] {"nchw", "channels-last"}) {
        try {
          entries.add(new Entry("PyTorch " + format, TorchWorker.class, workload, threads, format));
        } catch (IOException e) {
          System.out.println("| " + workload + " | PyTorch " + format + " | failed: " + e.getMessage() + " |");
        }
      }
      for (int i = 0; i < rounds; i++) for (Entry e : entries) e.round();
      print(workload, threads, entries);
    } finally {
      for (Entry e : entries) e.process.destroy();
    }
  }

  private static void print(String workload, String threads, List<Entry> entries) {
    double own = entries.get(0).quantile(0.5);
    double best = entries.stream().skip(1).mapToDouble(e -> e.quantile(0.5)).min().orElse(Double.NaN);
    for (Entry e : entries) {
      System.out.printf(Locale.ROOT, "%-10s %s thread(s)  %-22s %8.3f ms/step  [%.3f .. %.3f]%n", workload, threads,
          e.name, e.quantile(0.5), e.quantile(0.1), e.quantile(0.9));
    }
    System.out.printf(Locale.ROOT, "%-10s %s thread(s)  %s / Einkorn = %.2f%n%n", workload, threads, BEST, best / own);
  }
}
