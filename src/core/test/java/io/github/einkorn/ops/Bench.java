package io.github.einkorn.ops;

import io.github.einkorn.Format;
import io.github.einkorn.Kept;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** How a row is benchmarked: on which inputs, with which settings of the kernel, and how much work that is. */
public final class Bench {
  private final OpCase row;
  String inputs;
  double[] settings = {};
  String javaOnly;
  boolean cuts;
  double stepFactor;
  ToDoubleBiFunction<Tensor[], Tensor> flops = (x, y) -> 0;

  /** Floating-point operations, and bytes read and written at least: inputs, output, gradients, what is kept. */
  public record Work(double flops, double bytes) {}

  Bench(OpCase row) {
    this.row = row;
  }

  /** The shapes of the inputs, as they are written in the row. */
  public String shapes() {
    return inputs;
  }

  /** Why no kernel can be timed without Java, or null. */
  public String javaOnly() {
    return javaOnly;
  }

  /** The inputs, drawn from the library's random state; those with a gradient are parameters. */
  public Tensor[] inputs() {
    var random = new Random(1);
    List<OpCase.Spec> specs = OpCase.Spec.parse(inputs);
    Tensor[] t = new Tensor[specs.size()];
    for (int i = 0; i < t.length; i++) {
      OpCase.Spec s = specs.get(i);
      t[i] = s.labels() > 0 ? OpCase.tensor(row.input(s, false, random), true)
          : Tensor.zeros(s.shape()).to(s.last() ? Format.CHANNELS_LAST : Format.CONTIGUOUS)
              .uniformInPlace(row.low, row.high);
      if (row.varies(i, t[i])) t[i].requiresGrad(true);
    }
    return t;
  }

  /**
   * The row for the native benchmark (cpp/bench/row.h): name, shapes of the inputs, shape of the output and settings,
   * separated by tabs.
   */
  public String line() {
    try (var scope = new Scope()) {
      String output = row.run(inputs()).shape().times();
      return String.join("\t", row.name, inputs, output.isEmpty() ? "scalar" : output,
          DoubleStream.of(settings).mapToObj(Double::toString).collect(Collectors.joining(" ")));
    }
  }

  /** The work of forward alone, or of forward and backward. A view is no work forward. */
  public Work work(boolean step) {
    try (var scope = new Scope()) {
      Tensor[] x = inputs();
      Tensor y = row.run(x);
      Map<Long, Long> in = Arrays.stream(x).collect(Collectors.toMap(Tensor::address, Bench::bytes, (a, b) -> a));
      boolean view = in.containsKey(y.address());
      double out = bytes(y), forward = view ? 0 : (cuts ? out : sum(in)) + out, flop = flops.applyAsDouble(x, y);
      if (!step) return new Work(flop, forward);
      Map<Long, Long> kept = Kept.bytes(y);
      double read = sum(kept), gradients = 0;
      kept.keySet().removeAll(in.keySet());
      kept.remove(y.address());
      for (Tensor t : x) if (t.requiresGrad()) gradients += bytes(t);
      return new Work(flop * stepFactor, forward + sum(kept) + read + out + gradients);
    }
  }

  private static long bytes(Tensor t) {
    return t.size() * t.dtype().bytes();
  }

  private static double sum(Map<Long, Long> bytes) {
    return bytes.values().stream().mapToLong(b -> b).sum();
  }
}
