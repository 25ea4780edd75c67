package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_nadam;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * {@link Adam} with Nesterov's look ahead: its m and v, and p ← p − lr ((1 − μₜ) g / (1 − Πₜ) + μₜ₊₁ m / (1 − Πₜ₊₁)) /
 * (√v̂ + ε), where μₜ = β₁ (1 − 0.96^(t ψ) / 2) and Πₜ = μ₁ μ₂ … μₜ. Defaults: lr 0.002, β 0.9 and 0.999, ε 1e-8,
 * weight decay λ 0, momentum decay ψ 0.004.
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

  private double mu(long t) {
    return moments.beta1 * (1 - 0.5 * Math.pow(0.96, t * momentumDecay));
  }

  /** Πₜ; from where 1 − Π is 1 in double it is 0. */
  private double product(long t) {
    double product = 1;
    for (long i = 1; i <= t && product > 1e-17; i++) product *= mu(i);
    return product > 1e-17 ? product : 0;
  }

  @Override
  int update(long[] table, int count, double lr, double weightDecay, long t) {
    double mu = mu(t), next = mu(t + 1), product = product(t);
    return ek_nadam(table, count, lr, moments.beta1, moments.beta2, moments.eps, weightDecay, decoupled ? 1 : 0,
        lr * (1 - mu) / (1 - product), lr * next / (1 - product * next), t);
  }
}
