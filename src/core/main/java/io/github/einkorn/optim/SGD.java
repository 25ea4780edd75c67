package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_sgd;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import java.util.List;

/**
 * g ← g + λ p; b ← μ b + (1 − τ) g; p ← p − lr (nesterov ? g + μ b : b), with weight decay λ, momentum μ and dampening
 * τ, all 0 by default. The first b is g itself, and without momentum p ← p − lr g: {@code torch.optim.SGD}.
 */
public final class SGD extends Optimizer {
  private static final List<String> BUFFER = List.of("momentum_buffer");

  private double momentum;
  private double dampening;
  private boolean nesterov;

  /** Plain stochastic gradient descent with a learning rate. */
  public SGD(List<Tensor> parameters, double lr) {
    super(parameters, lr);
  }

  /** How much of the last step's direction is kept, as 0.9. Default 0. */
  public SGD momentum(double momentum) {
    this.momentum = notNegative("momentum", momentum);
    return this;
  }

  /** How much less than fully a gradient enters the momentum. Default 0. */
  public SGD dampening(double dampening) {
    Check.finite("SGD: dampening", dampening);
    this.dampening = dampening;
    return this;
  }

  /** Looks ahead along the momentum; it needs one, and no dampening. Default false. */
  public SGD nesterov(boolean nesterov) {
    this.nesterov = nesterov;
    return this;
  }

  /** The L2 penalty λ, added to the gradient as λ p. Default 0. */
  public SGD weightDecay(double weightDecay) {
    this.weightDecay = notNegative("weight decay", weightDecay);
    return this;
  }

  @Override
  void checkSettings() {
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalStateException("SGD: nesterov needs a momentum and no dampening, got momentum " + momentum
          + " and dampening " + dampening);
    }
  }

  @Override
  List<String> slotNames() {
    return momentum == 0 ? List.of() : BUFFER;
  }

  @Override
  List<String> stateNames() {
    return BUFFER;
  }

  @Override
  double presentMomentum() {
    return momentum == 0 ? Double.NaN : momentum;
  }

  @Override
  void scheduleMomentum(double value) {
    momentum = value;
  }

  @Override
  int update(long[] table, int count, Turn turn) {
    return ek_sgd(table, count, turn.lr(), momentum, dampening, nesterov ? 1 : 0, turn.weightDecay(),
        turn.t() == 1 ? 1 : 0);
  }
}
