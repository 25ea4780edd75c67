package io.github.einkorn.benchmarks;

import io.github.einkorn.Einkorn;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.OpCase;
import io.github.einkorn.ops.OpCases;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Every row of {@link OpCases} on its representative shape: forward alone, and forward with backward. The rows are
 * filled in by {@link #main}; everything JMH takes on its command line works, as {@code -p op=conv2d -p threads=1}.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OpBenchmark {
  @Param({"relu"})
  public String op;

  @Param({"2"})
  public int threads;

  private OpCase row;
  private Tensor[] inputs;
  private Tensor ones;

  @Setup
  public void setUp() {
    Einkorn.threads(threads);
    Einkorn.seed(1);
    row = OpCases.all().stream().filter(c -> c.toString().equals(op)).findFirst().orElseThrow();
    inputs = row.benchmarkInputs();
    ones = Tensor.ones(row.run(inputs).shape().dims());
  }

  @Benchmark
  public Object forward() {
    try (var off = new NoGrad(); var scope = new Scope()) {
      return row.run(inputs);
    }
  }

  @Benchmark
  public void step() {
    try (var scope = new Scope()) {
      Tensor y = row.run(inputs);
      if (y.requiresGrad()) y.backward(ones);
      for (Tensor x : inputs) x.zeroGrad();
    }
  }

  public static void main(String[] args) throws Exception {
    var given = new CommandLineOptions(args);
    var options = new OptionsBuilder().parent(given).include(OpBenchmark.class.getSimpleName());
    if (!given.getParameter("op").hasValue()) {
      options.param("op", OpCases.all().stream().map(OpCase::toString).toArray(String[]::new));
    }
    new Runner(options.build()).run();
  }
}
