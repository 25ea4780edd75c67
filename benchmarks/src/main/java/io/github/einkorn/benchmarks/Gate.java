package io.github.einkorn.benchmarks;

import io.github.einkorn.benchmarks.Comparison.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The working tree beside another commit: a few processes of each take turns, row by row. */
@Command(name = "scripts/bench.sh gate", usageHelpWidth = 120, description = {
  "Compares the working tree with another commit and says which rows of the table of operations moved by more",
  "than the noise measured in the same run. The commit is built under target/gate and kept there.",
  "Status 0, 1 with --fail where rows moved, 2 if it could not run."})
public final class Gate implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "COMMIT", description = "default: HEAD, the last commit")
  String commit = "HEAD";

  @Mixin
  Choice choice;

  @Option(names = "--rounds", paramLabel = "N", description = "turns of each process, at least 6; default: 15")
  int rounds = 15;

  @Option(names = "--millis", paramLabel = "N", description = "time of one turn; default: 20")
  int millis = 20;

  @Option(names = "--fail", description = "ends with status 1 where rows moved")
  boolean fail;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Gate()).setExecutionExceptionHandler(Failure::say).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (rounds < Interval.FEWEST) {
      throw new IllegalArgumentException("--rounds: expected at least " + Interval.FEWEST + ", got " + rounds);
    }
    List<String> named = choice.only.isEmpty() ? List.of()
        : Rows.select(choice.only).stream().map(Object::toString).toList();
    Tree here = Tree.here(), there = here.at(commit);
    int moved = 0;
    for (int n : choice.threads) moved += compare(here, there, n, named);
    return fail && moved > 0 ? 1 : 0;
  }

  private int compare(Tree here, Tree there, int n, List<String> named) throws IOException {
    var workers = new ArrayList<Worker>();
    try {
      String own = here.unpackedAfresh(), other = there.unpackedAfresh();
      for (int i = 0; i < Comparison.PROCESSES; i++) workers.add(new Worker("the working tree", here, own, n));
      for (int i = 0; i < Comparison.PROCESSES; i++) workers.add(new Worker(commit, there, other, n));
      List<String> ours = chosen(workers.get(0), named), theirs = chosen(workers.get(Comparison.PROCESSES), named);
      List<String> both = ours.stream().filter(theirs::contains).toList();
      var comparisons = new ArrayList<Comparison>();
      for (String row : both) {
        System.err.printf("%d of %d: %s%n", comparisons.size() + 1, both.size(), row);
        comparisons.add(Comparison.of(row, times(row, workers)));
      }
      int moved = print(comparisons, n);
      ours.stream().filter(r -> !both.contains(r)).forEach(r -> System.out.println("only in the working tree: " + r));
      theirs.stream().filter(r -> !both.contains(r)).forEach(r -> System.out.println("only in " + commit + ": " + r));
      return moved;
    } finally {
      workers.forEach(Worker::close);
    }
  }

  private static List<String> chosen(Worker worker, List<String> named) {
    return worker.rows().stream().filter(r -> named.isEmpty() || named.contains(r.replaceAll("/[a-z]+$", ""))).toList();
  }

  /** Nanoseconds by worker and round; who begins a round changes, so that nobody always follows the same one. */
  private double[][] times(String row, List<Worker> workers) throws IOException {
    double[][] times = new double[workers.size()][rounds];
    for (Worker w : workers) w.time(row, millis);
    for (int round = 0; round < rounds; round++) {
      for (int k = 0; k < workers.size(); k++) {
        int turn = (round + (round / workers.size() % 2 == 0 ? k : workers.size() - k)) % workers.size();
        times[turn][round] = workers.get(turn).time(row, millis);
      }
    }
    return times;
  }

  private int print(List<Comparison> comparisons, int n) {
    double usual = comparisons.isEmpty() ? 0
        : Interval.median(comparisons.stream().mapToDouble(Comparison::noise).toArray());
    System.out.printf(Locale.ROOT, "%nWorking tree / %s, %d thread(s), %d rounds; usual noise %.1f %%%n", commit, n,
        rounds, 100 * Math.expm1(usual));
    System.out.printf("%-44s %10s %7s  %-16s %8s%n", "row", "now, µs", "ratio", "interval", "noise");
    for (Comparison c : comparisons) {
      Verdict v = c.verdict(usual);
      System.out.printf(Locale.ROOT, "%-44s %10.2f %7.3f  [%.3f, %.3f] %7.1f %%  %s%n", c.row(), c.nanos() / 1e3,
          c.ratio().middle(), c.ratio().low(), c.ratio().high(), 100 * Math.expm1(c.noise(usual)),
          v.name().toLowerCase(Locale.ROOT));
    }
    List<String> moved = Stream.of(Verdict.FASTER, Verdict.SLOWER).flatMap(v -> comparisons.stream()
        .filter(c -> c.verdict(usual) == v).map(c -> v.name().toLowerCase(Locale.ROOT) + " " + c.row())).toList();
    System.out.printf("%d of %d moved%s%n", moved.size(), comparisons.size(),
        moved.isEmpty() ? "" : ": " + String.join(", ", moved));
    return moved.size();
  }
}
