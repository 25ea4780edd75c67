package io.github.einkorn.optim;

/** lr = base · γᵗ after t steps: {@code torch.optim.lr_scheduler.ExponentialLR}. */
public final class ExponentialLR extends Scheduler {
  private final double gamma;

  /** Multiplies the learning rate by γ at each step. */
  public ExponentialLR(Optimizer optimizer, double gamma) {
    super(optimizer);
    this.gamma = notNegative("gamma", gamma);
    refresh();
  }

  @Override
  double at(double base, long t) {
    return base * Math.pow(gamma, t);
  }
}
