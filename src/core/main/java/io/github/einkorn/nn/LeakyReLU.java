package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/** y = x where x &gt; 0, else slope · x, for any shape. */
public final class LeakyReLU extends BuiltIn {
  private final double slope;

  /** With slope 0.01. */
  public LeakyReLU() {
    this(0.01);
  }

  /**
   * With a slope for negative x.
   *
   * @throws IllegalArgumentException unless it is finite
   */
  public LeakyReLU(double slope) {
    Check.finite("LeakyReLU: slope", slope);
    this.slope = slope;
  }

  @Override
  Tensor compute(Tensor x) {
    return x.leakyRelu(slope);
  }

  @Override
  protected String details() {
    return "negative_slope=" + python(slope);
  }
}
