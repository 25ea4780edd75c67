package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/** In training, y = 0 with probability p and x / (1 - p) otherwise; in evaluation, y = x (Srivastava et al. 2014). */
public final class Dropout extends BuiltIn {
  private final double p;

  /**
   * Drops each element with probability p.
   *
   * @throws IllegalArgumentException unless 0 &lt;= p &lt;= 1
   */
  public Dropout(double p) {
    Check.range("Dropout: p", p, 0, 1);
    this.p = p;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.dropout(x, p, isTraining());
  }

  @Override
  protected String details() {
    return "p=" + python(p) + ", inplace=False";
  }
}
