package io.github.einkorn.benchmarks;

import io.github.einkorn.Einkorn;
import io.github.einkorn.ops.OpCases;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A row of {@link OpCases} through Java; {@link Ops} fills in which. */
@State(Scope.Benchmark)
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

  private Run run;

  @Setup
  public void setUp() {
    Einkorn.threads(threads);
    Einkorn.seed(1);
    run = new Run(Rows.named(op));
  }

  @Benchmark
  public Object forward() {
    return run.forward();
  }

  @Benchmark
  public void step() {
    run.step();
  }
}
