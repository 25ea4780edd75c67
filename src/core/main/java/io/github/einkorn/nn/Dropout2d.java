package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * In training, y = 0 for a whole channel of a sample with probability p and x / (1 - p) for the others; in evaluation,
 * y = x (Tompson et al. 2015). For (N, C, H, W), and any shape that begins with (N, C).
 */
public final class Dropout2d extends BuiltIn {
  private final double p;

  /**
   * Drops each channel with probability p.
   *
   * @throws IllegalArgumentException unless 0 &lt;= p &lt;= 1
   */
  public Dropout2d(double p) {
    Check.range("Dropout2d: p", p, 0, 1);
    this.p = p;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.dropout2d(x, p, isTraining());
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return "p=" + python(p) + ", inplace=False";
  }
}
