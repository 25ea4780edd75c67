package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_nadam;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * {@link Adam} with Nesterov's look ahead: its m and v, and p ← p − lr ((1 − μₜ) g / (1 − Πₜ) + μₜ₊₁ m / (1 − Πₜ₊₁)) /
 * (√v̂ + ε), where μₜ = β₁ (1 − 0.96^(t ψ) / 2) and Πₜ = μ₁ μ₂ … μₜ, each with the β₁ of its step. Defaults: lr 0.002,
 * β 0.9 and 0.999, ε 1e-8, weight decay λ 0, momentum decay ψ 0.004.
 *
 * <p>Dozat, 2016; {@code torch.optim.NAdam}.
 */
public final class NAdam extends Optimizer {
  private final Moments moments = new Moments(this);
  private double momentumDecay = 4e-3;
  private boolean decoupled;

  /** NAdam with the learning rate 0.002. */
  public NAdam(List<Tensor> parameters) {
    this(parameters, 2e-3);
  }

  /** NAdam with a learning rate. */
  public NAdam(List<Tensor> parameters, double lr) {
    super(parameters, lr);
  }

  /** How slowly the two averages forget, each in [0, 1). Default 0.9 and 0.999. */
  public NAdam betas(double beta1, double beta2) {
    moments.betas(beta1, beta2);
    return this;
  }

  /** What keeps the quotient finite. Default 1e-8. */
  public NAdam eps(double eps) {
    moments.eps(eps);
    return this;
  }

  /** The L2 penalty λ, added to the gradient as λ p. Default 0. */
  public NAdam weightDecay(double weightDecay) {
    this.weightDecay = notNegative("weight decay", weightDecay);
    return this;
  }

  /** Whether weights decay by themselves as in {@link AdamW}, p ← p − lr λ p. Default false. */
  public NAdam decoupledWeightDecay(boolean wanted) {
    decoupled = wanted;
    return this;
  }

  /** How fast the momentum grows towards β₁: ψ. Default 0.004. */
  public NAdam momentumDecay(double decay) {
    momentumDecay = notNegative("momentum decay", decay);
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

  private double mu(long t) {
    return moments.beta1 * (1 - 0.5 * Math.pow(0.96, t * momentumDecay));
  }

  @Override
  String productName() {
    return "mu_product";
  }

  @Override
  double factor(long t) {
    return mu(t);
  }

  @Override
  int update(long[] table, int count, Turn turn) {
    long t = turn.t();
    double mu = mu(t), next = mu(t + 1), product = turn.product(), lr = turn.lr();
    return ek_nadam(table, count, lr, moments.beta1, moments.beta2, moments.eps, turn.weightDecay(), decoupled ? 1 : 0,
        lr * (1 - mu) / (1 - product), lr * next / (1 - product * next), t);
  }
}
