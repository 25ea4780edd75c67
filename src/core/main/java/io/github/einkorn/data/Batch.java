package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Several samples stacked along a new first dimension. One that came from a {@link DataLoader} is freed when the next
 * one is taken, unless {@link #keep()} was called.
 */
public final class Batch {
  private final List<Tensor> inputs;
  private final List<Tensor> targets;
  private final Tensor weights; // or null
  private boolean kept;

  /** A batch of inputs (N, …) and targets (N, …). */
  public Batch(Tensor x, Tensor y) {
    this(one("x", x), one("y", y));
  }

  /** A batch for a model with several inputs or outputs, in their order: each tensor is (N, …). */
  public Batch(List<Tensor> inputs, List<Tensor> targets) {
    this(inputs, targets, null);
  }

  /** Whose samples have weights (N), or null if all count 1. */
  public Batch(List<Tensor> inputs, List<Tensor> targets, Tensor weights) {
    this.inputs = some("inputs", inputs);
    this.targets = some("targets", targets);
    this.weights = weights;
  }

  static List<Tensor> one(String what, Tensor x) {
    return List.of(Objects.requireNonNull(x, what));
  }

  static List<Tensor> some(String what, List<Tensor> all) {
    List<Tensor> copy = Check.all(what, all);
    if (copy.isEmpty()) throw new IllegalArgumentException(what + ": expected at least one tensor, got none");
    return copy;
  }

  /**
   * Copies of the samples, stacked.
   *
   * @throws io.github.einkorn.ShapeException if the samples differ in shape
   * @throws io.github.einkorn.DTypeException if they differ in type
   */
  public static Batch of(List<Sample> samples) {
    return of(Check.all("samples", samples), Order.range(0, samples.size()));
  }

  /** Whose samples errors name by their indices in a data set. */
  static Batch of(List<Sample> samples, int[] indices) {
    if (samples.isEmpty()) throw new IllegalArgumentException("a batch needs at least one sample");
    return new Batch(
        stack("x", samples.stream().map(Sample::inputs).toList(), indices),
        stack("y", samples.stream().map(Sample::targets).toList(), indices),
        weights(samples.stream().map(Sample::weight).toList()));
  }

  /** Null where all are 1. */
  static Tensor weights(List<Float> samples) {
    if (samples.stream().allMatch(w -> w == 1)) return null;
    float[] w = new float[samples.size()];
    for (int i = 0; i < w.length; i++) w[i] = samples.get(i);
    return Tensor.of(w);
  }

  private static List<Tensor> stack(String what, List<List<Tensor>> samples, int[] indices) {
    int n = samples.get(0).size();
    for (int i = 0; i < indices.length; i++) {
      int other = samples.get(i).size();
      if (other == n) continue;
      throw new ShapeException("batch: sample " + indices[0] + " has " + n + " tensors for " + what + ", sample "
          + indices[i] + " " + other);
    }
    var all = new ArrayList<Tensor>();
    for (int i = 0; i < n; i++) {
      int at = i;
      all.add(Rows.stack(n == 1 ? what : what + " " + i, samples.stream().map(s -> s.get(at)).toList(), indices));
    }
    return all;
  }

  /** The inputs, (N, …), in the order of the model's. */
  public List<Tensor> inputs() {
    return inputs;
  }

  /** The targets, (N, …), in the order of the model's outputs. */
  public List<Tensor> targets() {
    return targets;
  }

  /** The first inputs, (N, …): all there are for most models. */
  public Tensor x() {
    return inputs.get(0);
  }

  /** The first targets, (N, …). */
  public Tensor y() {
    return targets.get(0);
  }

  /** What the samples count in the loss, (N); null if all count 1. */
  public Tensor weights() {
    return weights;
  }

  /** Number of samples. */
  public int size() {
    return x().dim(0);
  }

  /** Lets the tensors outlive the iteration and every scope: they are freed by the garbage collector. Returns this. */
  public Batch keep() {
    keepTensors();
    kept = true;
    return this;
  }

  /** Takes the tensors out of the scope they were made in; the loader still frees them. */
  Batch keepTensors() {
    inputs.forEach(Tensor::keep);
    targets.forEach(Tensor::keep);
    if (weights != null) weights.keep();
    return this;
  }

  void free(String who) {
    if (kept) return;
    inputs.forEach(x -> Tensors.close(x, who));
    targets.forEach(y -> Tensors.close(y, who));
    if (weights != null) Tensors.close(weights, who);
  }

  @Override
  public String toString() {
    return inputs.size() + targets.size() == 2
        ? "Batch[x=" + x() + ", y=" + y() + "]"
        : "Batch[inputs=" + inputs + ", targets=" + targets + "]";
  }
}
