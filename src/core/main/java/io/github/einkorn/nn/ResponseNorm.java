package io.github.einkorn.nn;

import io.github.einkorn.Check;

/** The options of both local response normalizations; L is the layer, for them to return. */
abstract class ResponseNorm<L extends ResponseNorm<L>> extends BuiltIn {
  private final int extent;
  double alpha = 1e-4;
  double beta = 0.75;
  double k;

  /** With what says how far a window reaches, and the default of k. */
  ResponseNorm(int extent, double k) {
    this.extent = extent;
    this.k = k;
  }

  abstract L self();

  /**
   * The factor of the sum of squares; the default is 1e-4. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public L alpha(double wanted) {
    Check.finite(type() + ": alpha", wanted);
    alpha = wanted;
    return self();
  }

  /**
   * The exponent; the default is 0.75. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public L beta(double wanted) {
    Check.finite(type() + ": beta", wanted);
    beta = wanted;
    return self();
  }

  /**
   * What is added to the sum; see the layer for the default. Returns this.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public L k(double wanted) {
    Check.finite(type() + ": k", wanted);
    k = wanted;
    return self();
  }

  @Override
  protected String details() {
    return extent + ", alpha=" + python(alpha) + ", beta=" + python(beta) + ", k=" + python(k);
  }
}
