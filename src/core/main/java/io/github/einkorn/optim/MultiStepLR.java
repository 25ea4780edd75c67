package io.github.einkorn.optim;

import java.util.Arrays;

/** lr = base · γ^(number of milestones ≤ t) after t steps: {@code torch.optim.lr_scheduler.MultiStepLR}. */
public final class MultiStepLR extends Scheduler {
  private final int[] milestones;
  private double gamma = 0.1;

  /** Falls after each of these numbers of steps, in any order; one that is there twice counts twice. */
  public MultiStepLR(Optimizer optimizer, int... milestones) {
    super(optimizer);
    this.milestones = milestones.clone();
    for (int m : milestones) positive("a milestone", m);
    refresh();
  }

  /** What the learning rate is multiplied by. Default 0.1. */
  public MultiStepLR gamma(double gamma) {
    this.gamma = notNegative("gamma", gamma);
    refresh();
    return this;
  }

  @Override
  double at(double base, long t) {
    return base * Math.pow(gamma, Arrays.stream(milestones).filter(m -> m <= t).count());
  }
}
