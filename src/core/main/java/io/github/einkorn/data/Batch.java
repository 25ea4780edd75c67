package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.List;
import java.util.Objects;

/**
 * Several samples stacked along a new first dimension. One that came from a {@link DataLoader} is freed when the next
 * one is taken, unless {@link #keep()} was called.
 */
public final class Batch {
  private final Tensor x;
  private final Tensor y;
  private final Tensor weights;
  private boolean kept;

  /** A batch of inputs (N, …) and targets (N, …). */
  public Batch(Tensor x, Tensor y) {
    this(x, y, null);
  }

  /** Whose samples have weights (N), or null if all count the same. */
  public Batch(Tensor x, Tensor y, Tensor weights) {
    this.x = Objects.requireNonNull(x, "x");
    this.y = Objects.requireNonNull(y, "y");
    this.weights = weights;
  }

  /**
   * Copies of the samples, stacked.
   *
   * @throws io.github.einkorn.ShapeException if the samples differ in shape
   * @throws io.github.einkorn.DTypeException if they differ in type
   */
  public static Batch of(List<Sample> samples) {
    if (samples.isEmpty()) throw new IllegalArgumentException("a batch needs at least one sample");
    return new Batch(
        Rows.stack("x", samples.stream().map(Sample::x).toList()),
        Rows.stack("y", samples.stream().map(Sample::y).toList()),
        samples.stream().allMatch(s -> s.weight() == 1) ? null : weights(samples));
  }

  private static Tensor weights(List<Sample> samples) {
    float[] w = new float[samples.size()];
    for (int i = 0; i < w.length; i++) w[i] = samples.get(i).weight();
    return Tensor.of(w);
  }

  /** The inputs, (N, …). */
  public Tensor x() {
    return x;
  }

  /** The targets, (N, …). */
  public Tensor y() {
    return y;
  }

  /** What the samples count in the loss, (N); null if all count the same. */
  public Tensor weights() {
    return weights;
  }

  /** Number of samples. */
  public int size() {
    return x.dim(0);
  }

  /** Lets the tensors outlive the iteration and every scope: they are freed by the garbage collector. Returns this. */
  public Batch keep() {
    keepTensors();
    kept = true;
    return this;
  }

  /** Takes the tensors out of the scope they were made in; the loader still frees them. */
  Batch keepTensors() {
    x.keep();
    y.keep();
    if (weights != null) weights.keep();
    return this;
  }

  void free(String who) {
    if (kept) return;
    Tensors.close(x, who);
    Tensors.close(y, who);
    if (weights != null) Tensors.close(weights, who);
  }

  @Override
  public String toString() {
    return "Batch[x=" + x + ", y=" + y + "]";
  }
}
