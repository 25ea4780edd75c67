package io.github.einkorn.optim;

/**
 * From max / 25 up to max in the first three tenths of all steps, then down to a ten-thousandth of the beginning, each
 * along half a cosine; the momentum, or β₁, goes the other way. One step per batch: {@code
 * torch.optim.lr_scheduler.OneCycleLR}. It does not go by the optimizer's learning rate, and leaves alone an optimizer
 * without momentum, where PyTorch's would begin one.
 *
 * <p>Smith and Topin, Super-Convergence, 2018.
 */
public final class OneCycleLR extends Scheduler {
  private final double maxLr;
  private final long totalSteps;
  private final double givenMomentum; // NaN where there is none to move
  private double pctStart = 0.3;
  private double divFactor = 25;
  private double finalDivFactor = 1e4;
  private double baseMomentum = 0.85;
  private double maxMomentum = 0.95;
  private boolean cycleMomentum = true;
  private boolean linear;
  private boolean threePhase;

  /** A cycle up to {@code maxLr} of {@code totalSteps}, as epochs · batches: at least 2. */
  public OneCycleLR(Optimizer optimizer, double maxLr, int totalSteps) {
    super(optimizer);
    this.maxLr = notNegative("maxLr", maxLr);
    this.totalSteps = positive("totalSteps", totalSteps);
    givenMomentum = optimizer.presentMomentum();
    refresh();
  }

  /** The part of the steps in which the learning rate rises, in [0, 1]. Default 0.3. */
  public OneCycleLR pctStart(double part) {
    if (!(part >= 0 && part <= 1)) {
      throw new IllegalArgumentException("OneCycleLR: pctStart must lie in [0, 1], got " + part);
    }
    pctStart = part;
    refresh();
    return this;
  }

  /** The first learning rate is max divided by this. Default 25. */
  public OneCycleLR divFactor(double factor) {
    divFactor = above("divFactor", factor);
    refresh();
    return this;
  }

  /** The last learning rate is the first divided by this. Default 10,000. */
  public OneCycleLR finalDivFactor(double factor) {
    finalDivFactor = above("finalDivFactor", factor);
    refresh();
    return this;
  }

  private double above(String what, double factor) {
    if (factor == 0) throw new IllegalArgumentException("OneCycleLR: " + what + " must not be 0");
    return notNegative(what, factor);
  }

  /** Whether to go along straight lines instead of cosines. Default false. */
  public OneCycleLR linear(boolean wanted) {
    linear = wanted;
    refresh();
    return this;
  }

  /** Whether to come down as one went up, and then to fall to the last learning rate. Default false. */
  public OneCycleLR threePhase(boolean wanted) {
    threePhase = wanted;
    refresh();
    return this;
  }

  /** Whether the momentum moves, or is what the optimizer was given. Default true. */
  public OneCycleLR cycleMomentum(boolean wanted) {
    cycleMomentum = wanted;
    if (!wanted && !Double.isNaN(givenMomentum)) optimizer().scheduleMomentum(givenMomentum);
    refresh();
    return this;
  }

  /** The momentum at the highest learning rate, and at the ends. Default 0.85 and 0.95. */
  public OneCycleLR momentum(double base, double max) {
    if (!(base >= 0 && base < 1 && max >= 0 && max < 1)) {
      throw new IllegalArgumentException("OneCycleLR: momentum must lie in [0, 1), got " + base + " and " + max);
    }
    baseMomentum = base;
    maxMomentum = max;
    refresh();
    return this;
  }

  /** Throws IllegalStateException after the last step. */
  @Override
  double at(double base, long t) {
    if (t > totalSteps) {
      throw new IllegalStateException("OneCycleLR: step " + t + " of a cycle of " + totalSteps
          + ": totalSteps is the number of batches in all epochs");
    }
    double first = maxLr / divFactor;
    return along(t, first, maxLr, threePhase ? first : first / finalDivFactor, first / finalDivFactor);
  }

  @Override
  double momentumAt(long t) {
    boolean moves = cycleMomentum && !Double.isNaN(givenMomentum);
    return moves ? along(t, maxMomentum, baseMomentum, maxMomentum, maxMomentum) : Double.NaN;
  }

  /** Through four values: up, down, and, in three phases, out. */
  private double along(long t, double a, double b, double c, double d) {
    double last = totalSteps - 1, top = pctStart * totalSteps - 1;
    if (t <= top) return between(a, b, top == 0 ? 1 : t / top);
    if (!threePhase) return between(b, c, (t - top) / (last - top));
    double down = 2 * pctStart * totalSteps - 2;
    return t <= down ? between(b, c, (t - top) / (down - top)) : between(c, d, (t - down) / (last - down));
  }

  /** At a share of the way; the step after the last batch stays at the end. */
  private double between(double from, double to, double share) {
    double x = Math.min(share, 1);
    return linear ? from + (to - from) * x : to + (from - to) * (1 + Math.cos(Math.PI * x)) / 2;
  }
}
