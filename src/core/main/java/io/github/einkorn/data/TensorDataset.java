package io.github.einkorn.data;

import io.github.einkorn.DType;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** Samples (x[i], y[i]) of two tensors in memory. */
public final class TensorDataset implements Dataset {
  private final Tensor x;
  private final Tensor y;

  /**
   * A data set of x (N, …) and y (N, …) of any type, which it keeps out of scopes.
   *
   * @throws ShapeException unless both have the same first extent
   */
  public TensorDataset(Tensor x, Tensor y) {
    if (x.rank() == 0 || y.rank() == 0 || x.dim(0) != y.dim(0)) {
      throw new ShapeException("TensorDataset: expected x (N, …) and y (N, …), got " + x.shape() + " and " + y.shape());
    }
    this.x = x.contiguous().keep();
    this.y = y.contiguous().keep();
  }

  @Override
  public int size() {
    return x.dim(0);
  }

  @Override
  public Sample get(int index) {
    return new Sample(Rows.pick(x, index), Rows.pick(y, index));
  }

  @Override
  public long[] targets() {
    return y.dtype() == DType.INT64 && y.rank() == 1 ? y.toLongs() : Dataset.super.targets();
  }

  @Override
  public Batch batch(int[] indices) {
    return new Batch(Rows.pick(x, indices), Rows.pick(y, indices));
  }
}
