package io.github.einkorn.optim;

/**
 * lr = min + (base − min) (1 + cos(π t / T)) / 2 after t steps: {@code torch.optim.lr_scheduler.CosineAnnealingLR}.
 * Beyond T it rises again.
 *
 * <p>Loshchilov and Hutter, SGDR, 2017, without its restarts.
 */
public final class CosineAnnealingLR extends Scheduler {
  private final int tMax;
  private double etaMin;

  /** Falls for T = {@code tMax} steps. */
  public CosineAnnealingLR(Optimizer optimizer, int tMax) {
    super(optimizer);
    this.tMax = positive("tMax", tMax);
    refresh();
  }

  /** The least learning rate. Default 0. */
  public CosineAnnealingLR etaMin(double lr) {
    etaMin = notNegative("etaMin", lr);
    refresh();
    return this;
  }

  @Override
  double at(double base, long t) {
    return etaMin + (base - etaMin) * (1 + Math.cos(Math.PI * t / tMax)) / 2;
  }
}
