package io.github.einkorn.optim;

import java.util.List;

/** The settings that Adam and AdamW share. */
final class Moments {
  static final List<String> NAMES = List.of("exp_avg", "exp_avg_sq");

  private final Optimizer owner;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;

  Moments(Optimizer owner) {
    this.owner = owner;
  }

  void betas(double b1, double b2) {
    double first = beta("beta1", b1);
    beta2 = beta("beta2", b2);
    beta1 = first;
  }

  void eps(double value) {
    eps = owner.notNegative("eps", value);
  }

  private double beta(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(owner.name() + ": " + what + " must lie in [0, 1), got " + value);
    }
    return value;
  }
}
