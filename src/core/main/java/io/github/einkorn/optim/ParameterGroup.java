package io.github.einkorn.optim;

/** Some parameters of an optimizer, with a learning rate and a weight decay of their own: {@link Optimizer#group}. */
public final class ParameterGroup {
  private final Optimizer owner;
  private double lrFactor = 1;
  private double weightDecay = Double.NaN; // the optimizer's

  ParameterGroup(Optimizer owner) {
    this.owner = owner;
  }

  /**
   * What the optimizer's learning rate is multiplied by for this group, so that schedulers reach it too; 0 freezes it.
   * Default 1.
   */
  public ParameterGroup lrFactor(double factor) {
    lrFactor = owner.notNegative("the factor of a group's learning rate", factor);
    return this;
  }

  /** The weight decay in place of the optimizer's. */
  public ParameterGroup weightDecay(double decay) {
    weightDecay = owner.notNegative("weight decay", decay);
    return this;
  }

  double lrFactor() {
    return lrFactor;
  }

  double weightDecay() {
    return Double.isNaN(weightDecay) ? owner.weightDecay : weightDecay;
  }
}
