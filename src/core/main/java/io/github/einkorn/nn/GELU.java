package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** y = x Φ(x), Φ being the normal distribution N(0, 1), for any shape (Hendrycks and Gimpel 2016). */
public final class GELU extends BuiltIn {
  private boolean approximate;

  /**
   * Whether y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 is computed instead, as {@code approximate='tanh'} in
   * PyTorch. The default is not. Returns this.
   */
  public GELU approximate(boolean wanted) {
    approximate = wanted;
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    return approximate ? Functional.geluTanh(x) : x.gelu();
  }

  @Override
  protected String details() {
    return "approximate='" + (approximate ? "tanh" : "none") + "'";
  }
}
