package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = eˣ / Σ eˣ along a dimension. */
public final class Softmax extends BuiltIn {
  private final int dim;

  /** Along a dimension; negative ones count from the end. */
  public Softmax(int dim) {
    this.dim = dim;
  }

  @Override
  Tensor compute(Tensor x) {
    return x.softmax(dim);
  }

  @Override
  protected String details() {
    return "dim=" + dim;
  }
}
