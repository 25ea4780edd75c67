package io.github.einkorn.ops;

import io.github.einkorn.DType;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/**
 * One operation: how Einkorn computes it, the same written out in doubles, and the shapes to try. The name starts with
 * that of its class in {@code ops}; what follows a colon tells rows of one class apart.
 *
 * <p>Inputs are written as {@code "2x3x9x9,4x3x3x3"}; {@code "7:i10"} is an int64 vector of values 0..9,
 * {@code "scalar"} has no dimensions, and {@code "2x3x9x9:last"} lies channels-last (in benchmarks).
 */
public final class OpCase {
  final String name;
  final Function<Tensor[], Tensor> op;
  final Function<Nd[], Nd> reference;
  final List<String> shapes = new ArrayList<>();
  final List<String> bad = new ArrayList<>();
  final Bench bench = new Bench(this);
  String says;
  double low = -2;
  double high = 2;
  double[] awayFrom = {};
  boolean distinct;
  boolean differentiable = true;
  boolean exact;
  boolean inMemoryOrder;
  boolean[] constant = {};
  double tolerance = 2e-6;

  OpCase(String name, Function<Tensor[], Tensor> op, Function<Nd[], Nd> reference) {
    this.name = name;
    this.op = op;
    this.reference = reference;
    this.says = name.replaceAll("^.*: *", "").replaceAll(" .*", "");
  }

  /** Inputs to try, each a comma-separated list. */
  OpCase shapes(String... more) {
    shapes.addAll(List.of(more));
    return this;
  }

  /** Inputs that must be refused with a ShapeException that says the operation's name, or other words. */
  OpCase bad(String... inputs) {
    bad.addAll(List.of(inputs));
    return this;
  }

  /** What error messages contain, if not the name. */
  OpCase says(String words) {
    says = words;
    return this;
  }

  /** The inputs that stand for real use, in benchmarks and where threads are compared. */
  OpCase bench(String inputs) {
    bench.inputs = inputs;
    return this;
  }

  /** What the native benchmark needs beside the shapes, in the order in which its family (cpp/bench) reads them. */
  OpCase settings(double... values) {
    bench.settings = values;
    return this;
  }

  /** Nothing can be timed without Java, and why. */
  OpCase javaOnly(String reason) {
    bench.javaOnly = reason;
    return this;
  }

  /** Multiplications and additions of forward; a step, forward and backward, takes so many times as many. */
  OpCase flops(double step, ToDoubleBiFunction<Tensor[], Tensor> forward) {
    bench.stepFactor = step;
    bench.flops = forward;
    return this;
  }

  /** Reads no more of its input than it returns. */
  OpCase cuts() {
    bench.cuts = true;
    return this;
  }

  /** The values of the inputs. */
  OpCase range(double from, double to) {
    low = from;
    high = to;
    return this;
  }

  /** Places without a derivative, from which inputs stay 0.05 away. */
  OpCase awayFrom(double... points) {
    awayFrom = points;
    return this;
  }

  /** All elements of an input differ by 0.01 at least. */
  OpCase distinct() {
    distinct = true;
    return this;
  }

  /** The result is compared, but there is no gradient. */
  OpCase noGradient() {
    differentiable = false;
    return this;
  }

  /** The inputs without gradient, though they are floats. */
  OpCase constant(boolean... inputs) {
    constant = inputs;
    return this;
  }

  /** What it does to an element depends on its place in memory, so that formats differ. */
  OpCase inMemoryOrder() {
    inMemoryOrder = true;
    return this;
  }

  /** On small integers it must be exact, and its gradient too: it is linear in each input. */
  OpCase exact() {
    exact = true;
    return this;
  }

  /** Error allowed forward, relative to an element or the root mean square of all, whichever is larger. */
  OpCase within(double relative) {
    tolerance = relative;
    return this;
  }

  /** The shape of an input; labels is 0 for floats, else the number of classes; last is channels-last. */
  record Spec(int[] shape, int labels, boolean last) {
    static List<Spec> parse(String inputs) {
      return Arrays.stream(inputs.split(",")).map(Spec::one).toList();
    }

    private static Spec one(String s) {
      String[] parts = s.split(":");
      int[] shape = parts[0].equals("scalar") ? new int[0]
          : Arrays.stream(parts[0].split("x")).mapToInt(Integer::parseInt).toArray();
      boolean last = parts.length > 1 && parts[1].equals("last");
      return new Spec(shape, parts.length > 1 && !last ? Integer.parseInt(parts[1].substring(1)) : 0, last);
    }
  }

  /** Inputs with values of this row: all representable as floats. */
  Nd[] inputs(String shapes, boolean integers) {
    var random = new Random(name.hashCode() * 31L + shapes.hashCode());
    return Spec.parse(shapes).stream().map(s -> input(s, integers, random)).toArray(Nd[]::new);
  }

  Nd input(Spec s, boolean integers, Random random) {
    if (s.labels > 0) return Nd.zeros(s.shape).map(x -> random.nextInt(s.labels));
    if (integers) return Nd.zeros(s.shape).map(x -> random.nextInt(9) - 4);
    if (distinct) {
      int n = Nd.size(s.shape);
      var order = new ArrayList<Integer>();
      for (int i = 0; i < n; i++) order.add(i - n / 2);
      Collections.shuffle(order, random);
      var next = order.iterator();
      return Nd.zeros(s.shape).map(x -> next.next() * 0.015625);
    }
    return Nd.zeros(s.shape).map(x -> value(random));
  }

  private double value(Random random) {
    while (true) {
      float x = (float) (low + (high - low) * random.nextDouble());
      if (Arrays.stream(awayFrom).noneMatch(p -> Math.abs(x - p) < 0.05)) return x;
    }
  }

  /** An input as a tensor; whole numbers where the row says so. */
  static Tensor tensor(Nd x, boolean labels) {
    if (labels) return Tensor.of(Arrays.stream(x.v()).mapToLong(v -> (long) v).toArray(), x.shape());
    float[] f = new float[x.v().length];
    for (int i = 0; i < f.length; i++) f[i] = (float) x.v()[i];
    return Tensor.of(f, x.shape());
  }

  /** The inputs as tensors; labels as int64. */
  Tensor[] tensors(String shapes, Nd[] values) {
    var specs = Spec.parse(shapes);
    Tensor[] t = new Tensor[values.length];
    for (int i = 0; i < t.length; i++) t[i] = tensor(values[i], specs.get(i).labels > 0);
    return t;
  }

  /** Whether an input gets a gradient. */
  boolean varies(int i, Tensor t) {
    return differentiable && t.dtype() == DType.FLOAT32 && !(i < constant.length && constant[i]);
  }

  /** How it is benchmarked. */
  public Bench bench() {
    return bench;
  }

  /** Runs the operation. */
  public Tensor run(Tensor... inputs) {
    return op.apply(inputs);
  }

  /** Whether it has a gradient. */
  public boolean differentiable() {
    return differentiable;
  }

  @Override
  public String toString() {
    return name;
  }
}
