package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_adam;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * g ← g + λ p; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − lr m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ) and
 * v̂ = v / (1 − β₂ᵗ) at a parameter's t-th step. Defaults: lr 0.001, β 0.9 and 0.999, ε 1e-8, weight decay λ 0.
 *
 * <p>Kingma and Ba, 2015; {@code torch.optim.Adam}. {@link AdamW} decays the weights themselves.
 */
public final class Adam extends Optimizer {
  private final Moments moments = new Moments(this);

  /** Adam with the learning rate 0.001. */
  public Adam(List<Tensor> parameters) {
    this(parameters, 1e-3);
  }

  /** Adam with a learning rate. */
  public Adam(List<Tensor> parameters, double lr) {
    super(parameters, lr);
  }

  /** How slowly the two averages forget, each in [0, 1). Default 0.9 and 0.999. */
  public Adam betas(double beta1, double beta2) {
    moments.betas(beta1, beta2);
    return this;
  }

  /** What keeps the quotient finite. Default 1e-8. */
  public Adam eps(double eps) {
    moments.eps(eps);
    return this;
  }

  /** The L2 penalty λ, added to the gradient as λ p. Default 0. */
  public Adam weightDecay(double weightDecay) {
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
    return ek_adam(table, count, turn.lr(), moments.beta1, moments.beta2, moments.eps, turn.weightDecay(), 0, turn.t());
  }
}
