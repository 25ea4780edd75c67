package io.github.einkorn.nn;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = (x - mean) / √(var + eps) · γ + β for each channel of (N, C) or (N, C, L): with the statistics of the
 * batch in training, and running ones in evaluation (Ioffe and Szegedy 2015). γ starts at 1, β at 0.
 */
public final class BatchNorm1d extends BatchNorm<BatchNorm1d> {
  /**
   * For a number of channels.
   *
   * @throws IllegalArgumentException unless it is at least 1
   */
  public BatchNorm1d(int features) {
    super(features);
  }

  @Override
  BatchNorm1d self() {
    return this;
  }

  @Override
  void checkShape(Tensor x) {
    if (x.rank() != 2 && x.rank() != 3) {
      throw new ShapeException("expected (N, C) or (N, C, L), got shape " + x.shape());
    }
  }
}
