package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = x - ln Σ eˣ along a dimension; goes with {@link NLLLoss}. */
public final class LogSoftmax extends BuiltIn {
  private final int dim;

  /** Along a dimension; negative ones count from the end. */
  public LogSoftmax(int dim) {
    this.dim = dim;
  }

  @Override
  Tensor compute(Tensor x) {
    return x.logSoftmax(dim);
  }

  @Override
  protected String details() {
    return "dim=" + dim;
  }
}
