package io.github.einkorn.plan;

import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Operations in the order they run, over numbered values; the first are the inputs. Immutable: threads share it. */
public final class Plan {
  private final int inputs;
  private final List<Step> steps;
  private final Tensor[] constants; // by number; null for what is computed
  private final int[][] ends; // what nobody reads after each step
  private final int[] outputs;
  private final List<String> text;

  Plan(int inputs, List<Step> steps, Tensor[] constants, int[] outputs, List<int[]> shapes) {
    this.inputs = inputs;
    this.steps = List.copyOf(steps);
    this.constants = constants;
    this.outputs = outputs;
    this.ends = IntStream.range(0, steps.size()).mapToObj(this::ends).toArray(int[][]::new);
    this.text = steps.stream().map(s -> line(s, shapes.get(s.output()))).toList();
  }

  /** The computed values that a step is the last to read. */
  private int[] ends(int step) {
    return IntStream.of(steps.get(step).inputs()).distinct()
        .filter(i -> i >= inputs && constants[i] == null && IntStream.of(outputs).noneMatch(y -> y == i))
        .filter(i -> steps.stream().skip(step + 1).noneMatch(s -> s.reads(i))).toArray();
  }

  private static String line(Step s, int[] shape) {
    String extents = String.join(", ", IntStream.of(shape).mapToObj(d -> d < 0 ? "N" : "" + d).toList());
    return String.format(Locale.ROOT, "%-14s %-20s %s", s.name(), "(" + extents + ")", s.layer()).stripTrailing();
  }

  /**
   * The outputs, which are made in the scope around, like all else; the rest is freed as soon as it is not needed. They
   * have memory of their own.
   */
  public Tensor[] run(Tensor... xs) {
    return walk(xs, values -> {});
  }

  /** The most bytes that values in distinct memory have at once, inputs and outputs included, constants not. */
  public long peakBytes(Tensor... xs) {
    long[] peak = {Stream.of(xs).mapToLong(x -> x.size() * x.dtype().bytes()).sum()};
    walk(xs, values -> peak[0] = Math.max(peak[0], bytes(values)));
    return peak[0];
  }

  private long bytes(Tensor[] values) {
    Set<Long> seen = new HashSet<>();
    long sum = 0;
    for (int i = 0; i < values.length; i++) {
      Tensor t = values[i];
      if (t != null && constants[i] == null && seen.add(t.address())) sum += t.size() * t.dtype().bytes();
    }
    return sum;
  }

  private interface Watch {
    void after(Tensor[] values);
  }

  private Tensor[] walk(Tensor[] xs, Watch watch) {
    Tensor[] values = constants.clone();
    System.arraycopy(xs, 0, values, 0, inputs);
    for (int i = 0; i < ends.length; i++) {
      Step step = steps.get(i);
      values[step.output()] = step.run(values);
      watch.after(values);
      for (int end : ends[i]) {
        Tensors.close(values[end], "a Predictor");
        values[end] = null;
      }
    }
    Tensor[] ys = new Tensor[outputs.length];
    for (int i = 0; i < ys.length; i++) {
      Tensor y = values[outputs[i]];
      boolean own = outputs[i] >= inputs && constants[outputs[i]] == null && !Tensors.isShared(y)
          && !Arrays.asList(ys).contains(y);
      ys[i] = own ? y : y.copy();
    }
    return ys;
  }

  /** One line for each step: operation, shape of the output, layer. */
  public List<String> text() {
    return text;
  }

  /** Number of elements in the constants. */
  public long constantCount() {
    return Stream.of(constants).filter(Objects::nonNull).mapToLong(Tensor::size).sum();
  }

  /** Frees the constants. */
  public void close(String who) {
    for (Tensor t : constants) if (t != null) Tensors.close(t, who);
  }
}
