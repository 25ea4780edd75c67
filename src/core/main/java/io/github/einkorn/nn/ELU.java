package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/** y = x where x &gt; 0, else α (eˣ - 1), for any shape (Clevert, Unterthiner and Hochreiter 2015). */
public final class ELU extends BuiltIn {
  private final double alpha;

  /** With α = 1. */
  public ELU() {
    this(1);
  }

  /**
   * With the limit -α for negative x.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public ELU(double alpha) {
    Check.finite("ELU: alpha", alpha);
    this.alpha = alpha;
  }

  @Override
  Tensor compute(Tensor x) {
    return x.elu(alpha);
  }

  @Override
  protected String details() {
    return "alpha=" + python(alpha);
  }
}
