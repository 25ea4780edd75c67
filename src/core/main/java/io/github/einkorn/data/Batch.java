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
  private boolean kept;

  /** A batch of inputs (N, …) and targets (N, …). */
  public Batch(Tensor x, Tensor y) {
    this.x = Objects.requireNonNull(x, "x");
    this.y = Objects.requireNonNull(y, "y");
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
        Rows.stack("y", samples.stream().map(Sample::y).toList()));
  }

  /** The inputs, (N, …). */
  public Tensor x() {
    return x;
  }

  /** The targets, (N, …). */
  public Tensor y() {
    return y;
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
    return this;
  }

  void free(String who) {
    if (kept) return;
    Tensors.close(x, who);
    Tensors.close(y, who);
  }

  @Override
  public String toString() {
    return "Batch[x=" + x + ", y=" + y + "]";
  }
}
