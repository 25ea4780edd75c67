package io.github.einkorn.optim;

import io.github.einkorn.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Moves the learning rate of an optimizer along a curve, one point per {@link #step()}: after each epoch or after each
 * batch, as the curve is meant.
 *
 * <pre>{@code
 * var schedule = new CosineAnnealingLR(optimizer, epochs);
 * for (int epoch = 1; epoch <= epochs; epoch++) {
 *   … // optimizer.step() for every batch
 *   schedule.step();
 * }
 * }</pre>
 *
 * <p>The base of the curve is the learning rate that the optimizer was given when the schedule was made, not what
 * another schedule has made of it since. Making one sets the first rate; its options are for then, too. A group of
 * parameters has its factor of the rate. The curves are the closed forms of {@code torch.optim.lr_scheduler}: an {@link
 * Optimizer#lr(double)} in between lasts until the next step. In {@code fit}, {@link
 * io.github.einkorn.train.LearningRateScheduler} takes the steps.
 */
public abstract class Scheduler {
  private final Optimizer optimizer;
  private double base;
  private long steps;

  /**
   * Package-private: {@link LambdaLR} is for curves of one's own. A subclass calls {@link #refresh()} when it is set
   * up.
   */
  Scheduler(Optimizer optimizer) {
    this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
    this.base = optimizer.givenLr();
  }

  /** The learning rate after a number of steps. */
  abstract double at(double base, long steps);

  /** The momentum after a number of steps; NaN leaves it alone. */
  double momentumAt(long steps) {
    return Double.NaN;
  }

  /** Goes on to the next point of the curve. */
  public final void step() {
    steps++;
    try {
      refresh();
    } catch (RuntimeException e) {
      steps--;
      throw e;
    }
  }

  /** Sets what the present point says. */
  final void refresh() {
    double lr = at(base, steps), momentum = momentumAt(steps);
    optimizer.scheduleLr(lr);
    if (!Double.isNaN(momentum)) optimizer.scheduleMomentum(momentum);
  }

  /** The optimizer whose learning rate it moves. */
  public final Optimizer optimizer() {
    return optimizer;
  }

  /** The optimizer's learning rate. */
  public final double lr() {
    return optimizer.lr();
  }

  /** How often {@link #step()} was called. */
  public final long steps() {
    return steps;
  }

  /** What {@link #load} needs to go on as if never stopped: {@code base}, the bits of a double, and {@code steps}. */
  public final Map<String, Tensor> state() {
    var all = new LinkedHashMap<String, Tensor>();
    all.put("base", Saved.real(base));
    all.put("steps", Tensor.of(steps));
    return all;
  }

  /**
   * Goes to the point where {@link #state()} was taken of a schedule with the same options, and sets its learning rate.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a value cannot be; nothing is changed then
   */
  public final void load(Map<String, Tensor> state) {
    var saved = new Saved(name(), state);
    double newBase = optimizer.notNegative("the schedule's saved base", saved.real("base"));
    long n = saved.longs("steps", 1)[0];
    if (n < 0) throw new IllegalArgumentException(name() + ": negative \"steps\"");
    saved.end();
    try {
      at(newBase, n);
    } catch (IllegalStateException e) { // the curve has no such point
      throw new IllegalArgumentException(name() + ": the saved state does not fit: " + e.getMessage(), e);
    }
    base = newBase;
    steps = n;
    refresh();
  }

  final String name() {
    return getClass().getSimpleName();
  }

  final int positive(String what, int value) {
    if (value < 1) throw new IllegalArgumentException(name() + ": " + what + " must be at least 1, got " + value);
    return value;
  }

  final double notNegative(String what, double value) {
    return Optimizer.notNegative(name(), what, value);
  }

  @Override
  public String toString() {
    return name() + "(lr " + lr() + ", steps " + steps + ")";
  }
}
