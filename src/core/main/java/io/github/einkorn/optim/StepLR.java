package io.github.einkorn.optim;

/** lr = base · γ^⌊t / size⌋ after t steps: {@code torch.optim.lr_scheduler.StepLR}. */
public final class StepLR extends Scheduler {
  private final int stepSize;
  private double gamma = 0.1;

  /** Falls after every {@code stepSize} steps. */
  public StepLR(Optimizer optimizer, int stepSize) {
    super(optimizer);
    this.stepSize = positive("stepSize", stepSize);
    refresh();
  }

  /** What the learning rate is multiplied by. Default 0.1. */
  public StepLR gamma(double gamma) {
    this.gamma = notNegative("gamma", gamma);
    refresh();
    return this;
  }

  @Override
  double at(double base, long t) {
    return base * Math.pow(gamma, t / stepSize);
  }
}
