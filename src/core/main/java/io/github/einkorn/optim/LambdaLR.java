package io.github.einkorn.optim;

import java.util.Objects;
import java.util.function.LongToDoubleFunction;

/** lr = base · f(t) after t steps: {@code torch.optim.lr_scheduler.LambdaLR}. */
public final class LambdaLR extends Scheduler {
  private final LongToDoubleFunction factor;

  /** Multiplies the learning rate by a function of the number of steps, which is called with 0 at once. */
  public LambdaLR(Optimizer optimizer, LongToDoubleFunction factor) {
    super(optimizer);
    this.factor = Objects.requireNonNull(factor, "factor");
    refresh();
  }

  @Override
  double at(double base, long t) {
    return base * factor.applyAsDouble(t);
  }
}
