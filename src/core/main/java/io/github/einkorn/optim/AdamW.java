package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_adam;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * p ← p − lr λ p, then {@link Adam}'s step without a penalty: the decay is not scaled by the moments. Defaults: lr
 * 0.001, β 0.9 and 0.999, ε 1e-8, weight decay λ 0.01.
 *
 * <p>Loshchilov and Hutter, 2019; {@code torch.optim.AdamW}.
 */
public final class AdamW extends Optimizer {
  private final Moments moments = new Moments(this);

  /** AdamW with the learning rate 0.001. */
  public AdamW(List<Tensor> parameters) {
    this(parameters, 1e-3);
  }

  /** AdamW with a learning rate. */
  public AdamW(List<Tensor> parameters, double lr) {
    super(parameters, lr);
    weightDecay = 0.01;
  }

  /** How slowly the two averages forget, each in [0, 1). Default 0.9 and 0.999. */
  public AdamW betas(double beta1, double beta2) {
    moments.betas(beta1, beta2);
    return this;
  }

  /** What keeps the quotient finite. Default 1e-8. */
  public AdamW eps(double eps) {
    moments.eps(eps);
    return this;
  }

  /** The part λ of itself that a weight loses per step, times the learning rate. Default 0.01. */
  public AdamW weightDecay(double weightDecay) {
    this.weightDecay = notNegative("weight decay", weightDecay);
    return this;
  }

  @Override
  List<String> slotNames() {
    return Moments.NAMES;
  }

  @Override
  double presentMomentum() {
    return moments.beta1;
  }

  @Override
  void scheduleMomentum(double momentum) {
    moments.beta1 = momentum;
  }

  @Override
  int update(long[] table, int count, Turn turn) {
    return ek_adam(table, count, turn.lr(), moments.beta1, moments.beta2, moments.eps, turn.weightDecay(), 1, turn.t());
  }
}
