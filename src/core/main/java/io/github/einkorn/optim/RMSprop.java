package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_rmsprop;

import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * g ← g + λ p; v ← α v + (1 − α) g²; d = g / (√v + ε); p ← p − lr d, or, with momentum μ, b ← μ b + d and p ← p − lr b.
 * Centered, a ← α a + (1 − α) g, and v − a² takes the place of v under the root. Defaults: lr 0.01, α 0.99, ε 1e-8, μ
 * 0, weight decay λ 0, not centered.
 *
 * <p>Hinton, lecture 6e, 2012; centered: Graves, 2013; {@code torch.optim.RMSprop}.
 */
public final class RMSprop extends Optimizer {
  private double alpha = 0.99;
  private double eps = 1e-8;
  private double momentum;
  private boolean scheduled; // the momentum, which may pass through 0
  private boolean centered;

  /** RMSprop with the learning rate 0.01. */
  public RMSprop(List<Tensor> parameters) {
    this(parameters, 0.01);
  }

  /** RMSprop with a learning rate. */
  public RMSprop(List<Tensor> parameters, double lr) {
    super(parameters, lr);
  }

  /** How slowly the averages forget, in [0, 1]. Default 0.99. */
  public RMSprop alpha(double alpha) {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("RMSprop: alpha must lie in [0, 1], got " + alpha);
    }
    this.alpha = alpha;
    return this;
  }

  /** What keeps the quotient finite. Default 1e-8. */
  public RMSprop eps(double eps) {
    this.eps = notNegative("eps", eps);
    return this;
  }

  /** How much of the last step's direction is kept. Default 0. */
  public RMSprop momentum(double momentum) {
    this.momentum = normal(notNegative("momentum", momentum));
    return this;
  }

  /** Whether the gradient is divided by its estimated deviation, not by its root mean square. Default false. */
  public RMSprop centered(boolean wanted) {
    centered = wanted;
    return this;
  }

  /** The L2 penalty λ, added to the gradient as λ p. Default 0. */
  public RMSprop weightDecay(double weightDecay) {
    this.weightDecay = notNegative("weight decay", weightDecay);
    return this;
  }

  @Override
  List<String> slotNames() {
    return names(momentum != 0);
  }

  @Override
  List<String> stateNames() {
    return names(momentum != 0 || scheduled);
  }

  @Override
  List<String> everyName() {
    return List.of("square_avg", "momentum_buffer", "grad_avg");
  }

  /** What the kernel, in whose floats denormals are 0, takes for 0 is 0. */
  private static double normal(double momentum) {
    return momentum < Float.MIN_NORMAL ? 0 : momentum;
  }

  private List<String> names(boolean withMomentum) {
    var names = new ArrayList<>(List.of("square_avg"));
    if (withMomentum) names.add("momentum_buffer");
    if (centered) names.add("grad_avg");
    return names;
  }

  @Override
  double presentMomentum() {
    return momentum == 0 ? Double.NaN : momentum;
  }

  @Override
  void scheduleMomentum(double value) {
    momentum = normal(value);
    scheduled = true;
  }

  @Override
  int update(long[] table, int count, Turn turn) {
    return ek_rmsprop(table, count, turn.lr(), alpha, eps, momentum, centered ? 1 : 0, turn.weightDecay());
  }
}
