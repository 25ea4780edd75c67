package io.github.einkorn.optim;

/**
 * lr = base (start + (end − start) min(t, T) / T) after t steps: {@code torch.optim.lr_scheduler.LinearLR}, with T =
 * {@code totalIters}. A warm-up, which {@link SequentialLR} lets another schedule follow.
 */
public final class LinearLR extends Scheduler {
  private double start = 1.0 / 3;
  private double end = 1;
  private int totalIters = 5;

  /** From a third of the learning rate to all of it in 5 steps. */
  public LinearLR(Optimizer optimizer) {
    super(optimizer);
    refresh();
  }

  /** What the learning rate is multiplied by at first, in (0, 1]. Default 1/3. */
  public LinearLR startFactor(double factor) {
    if (!(factor > 0 && factor <= 1)) {
      throw new IllegalArgumentException("LinearLR: startFactor must lie in (0, 1], got " + factor);
    }
    start = factor;
    refresh();
    return this;
  }

  /** What it is multiplied by in the end, in [0, 1]. Default 1. */
  public LinearLR endFactor(double factor) {
    if (!(factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException("LinearLR: endFactor must lie in [0, 1], got " + factor);
    }
    end = factor;
    refresh();
    return this;
  }

  /** Steps from the first factor to the last. Default 5. */
  public LinearLR totalIters(int steps) {
    totalIters = positive("totalIters", steps);
    refresh();
    return this;
  }

  @Override
  double at(double base, long t) {
    return base * (start + (end - start) * Math.min(t, totalIters) / totalIters);
  }
}
