package io.github.einkorn.optim;

import java.util.List;

/**
 * One schedule after the other, each from its beginning: {@code torch.optim.lr_scheduler.SequentialLR}.
 *
 * <pre>{@code
 * var warmUp = new LinearLR(sgd).startFactor(0.1).totalIters(5);
 * var schedule = new SequentialLR(sgd, List.of(warmUp, new CosineAnnealingLR(sgd, 85)), 5);
 * }</pre>
 *
 * <p>Only this one is stepped. All share its base.
 */
public final class SequentialLR extends Scheduler {
  private final List<Scheduler> parts;
  private final int[] milestones;

  /**
   * The second schedule begins after {@code milestones[0]} steps, and so on.
   *
   * @throws IllegalArgumentException unless there is one schedule more than milestones, these grow, and all schedules
   *     are
   *     of this optimizer
   */
  public SequentialLR(Optimizer optimizer, List<Scheduler> schedulers, int... milestones) {
    super(optimizer);
    parts = List.copyOf(schedulers);
    this.milestones = milestones.clone();
    if (parts.size() != milestones.length + 1) {
      throw new IllegalArgumentException("SequentialLR: " + parts.size() + " schedules need " + (parts.size() - 1)
          + " milestones between them, got " + milestones.length);
    }
    for (int i = 0; i < milestones.length; i++) {
      if (milestones[i] <= (i == 0 ? 0 : milestones[i - 1])) {
        throw new IllegalArgumentException("SequentialLR: milestones must be positive and grow, got " + milestones[i]
            + (i == 0 ? " first" : " after " + milestones[i - 1]));
      }
    }
    for (Scheduler part : parts) {
      if (part.optimizer() != optimizer) {
        throw new IllegalArgumentException("SequentialLR: " + part + " belongs to another optimizer");
      }
    }
    refresh();
  }

  private int part(long t) {
    int i = 0;
    while (i < milestones.length && t >= milestones[i]) i++;
    return i;
  }

  private long since(long t) {
    int i = part(t);
    return i == 0 ? t : t - milestones[i - 1];
  }

  @Override
  double at(double base, long t) {
    return parts.get(part(t)).at(base, since(t));
  }

  @Override
  double momentumAt(long t) {
    return parts.get(part(t)).momentumAt(since(t));
  }
}
