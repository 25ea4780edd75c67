package io.github.einkorn.benchmarks;

import io.github.einkorn.ops.OpCase;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Every row through Java (JMH) and, right after, its kernels alone (Google Benchmark), in one table. */
@Command(name = "scripts/bench.sh ops", usageHelpWidth = 120, description = {
  "Times the table of operations through Java and natively, beside what the machine can do at most,",
  "and writes the table to benchmarks/results/<date>-ops.md."})
public final class Ops implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Mixin
  Choice choice;

  @Option(names = "--quick", description = "a second for each row, to see whether it works; figures are rough")
  boolean quick;

  @Parameters(paramLabel = "JMH-OPTION", description = "after --: what JMH takes on its command line")
  List<String> jmh = List.of();

  public static void main(String[] args) {
    System.exit(new CommandLine(new Ops()).setExecutionExceptionHandler(Failure::say).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Tree tree = Tree.here();
    List<OpCase> rows = Rows.select(choice.only);
    var bench = new NativeBench(tree.nativeBenchmark(), quick ? 3 : 5, quick ? 0.05 : 0.3);
    String unpacked = tree.unpackedAfresh();
    String command = String.join(" ", spec.commandLine().getParseResult().originalArgs());
    var table = new OpTable(spec.name() + " " + command, tree.describe());
    for (int n : choice.threads) {
      NativeBench.Peak peak = bench.peak(n);
      table.threads(n, peak);
      for (OpCase row : rows) {
        Map<String, Interval> java = java(row, n, unpacked), kernels = bench.time(row, n);
        for (String direction : Rows.directions(row)) {
          table.add(row, direction, java.get(direction), kernels.get(direction));
        }
      }
    }
    table.javaOnly(rows);
    System.out.println(table.write(tree.root().resolve("benchmarks/results")));
    return 0;
  }

  /** Microseconds by direction. */
  private Map<String, Interval> java(OpCase row, int threads, String unpacked) throws Exception {
    var given = new CommandLineOptions(jmh.toArray(String[]::new));
    ChainedOptionsBuilder options = new OptionsBuilder().parent(given)
        .param("op", row.toString()).param("threads", Integer.toString(threads)).jvmArgsAppend(unpacked);
    for (String d : Rows.directions(row)) options.include("\\." + OpBenchmark.class.getSimpleName() + "\\." + d + "$");
    if (!given.verbosity().hasValue()) options.verbosity(VerboseMode.SILENT);
    if (quick) {
      TimeValue slice = TimeValue.milliseconds(150);
      options.warmupIterations(2).warmupTime(slice).measurementIterations(3).measurementTime(slice);
    }
    var times = new LinkedHashMap<String, Interval>();
    for (RunResult r : new Runner(options.build()).run()) {
      String name = r.getParams().getBenchmark();
      times.put(name.substring(name.lastIndexOf('.') + 1), Interval.range(r.getBenchmarkResults().stream()
          .flatMap(b -> b.getIterationResults().stream()).mapToDouble(i -> i.getPrimaryResult().getScore()).toArray()));
    }
    if (times.size() < Rows.directions(row).size()) {
      throw new IOException("JMH could not run " + row + "; see why with -- -v NORMAL");
    }
    return times;
  }
}
