package io.github.einkorn.data;

import io.github.einkorn.DType;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Samples (x[i], y[i]) of tensors in memory. */
public final class TensorDataset implements Dataset {
  private final List<Tensor> inputs;
  private final List<Tensor> targets;

  /**
   * A data set of x (N, …) and y (N, …) of any type, which it keeps out of scopes.
   *
   * @throws ShapeException unless both have the same first extent
   */
  public TensorDataset(Tensor x, Tensor y) {
    this(Batch.one("x", x), Batch.one("y", y));
  }

  /**
   * A data set for a model with several inputs or outputs, each tensor being (N, …), which it keeps out of scopes.
   *
   * @throws ShapeException unless all have the same first extent
   */
  public TensorDataset(List<Tensor> inputs, List<Tensor> targets) {
    Tensor first = Batch.some("inputs", inputs).get(0);
    Batch.some("targets", targets);
    for (Tensor t : Stream.concat(inputs.stream(), targets.stream()).toList()) {
      if (first.rank() > 0 && t.rank() > 0 && t.dim(0) == first.dim(0)) continue;
      throw new ShapeException("TensorDataset: expected x (N, …) and y (N, …), got " + first.shape() + " and "
          + t.shape());
    }
    this.inputs = each(inputs, x -> x.contiguous().keep());
    this.targets = each(targets, y -> y.contiguous().keep());
  }

  @Override
  public int size() {
    return inputs.get(0).dim(0);
  }

  @Override
  public Sample get(int index) {
    return new Sample(each(inputs, x -> Rows.pick(x, index)), each(targets, y -> Rows.pick(y, index)));
  }

  @Override
  public long[] targets() {
    Tensor y = targets.get(0);
    return targets.size() == 1 && y.dtype() == DType.INT64 && y.rank() == 1 ? y.toLongs() : Dataset.super.targets();
  }

  @Override
  public Batch batch(int[] indices) {
    return new Batch(each(inputs, x -> Rows.pick(x, indices)), each(targets, y -> Rows.pick(y, indices)));
  }

  private static List<Tensor> each(List<Tensor> all, UnaryOperator<Tensor> f) {
    return all.stream().map(f).toList();
  }
}
