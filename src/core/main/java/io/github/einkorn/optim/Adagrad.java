package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_adagrad;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * g ← g + λ p; s ← s + g²; p ← p − lr / (1 + (t − 1) η) · g / (√s + ε) at a parameter's t-th step. Defaults: lr 0.01,
 * lr decay η 0, weight decay λ 0, the first s 0, ε 1e-10.
 *
 * <p>Duchi, Hazan and Singer, 2011; {@code torch.optim.Adagrad}.
 */
public final class Adagrad extends Optimizer {
  private double lrDecay;
  private double initialAccumulator;
  private double eps = 1e-10;

  /** Adagrad with the learning rate 0.01. */
  public Adagrad(List<Tensor> parameters) {
    this(parameters, 0.01);
  }

  /** Adagrad with a learning rate. */
  public Adagrad(List<Tensor> parameters, double lr) {
    super(parameters, lr);
  }

  /** How fast the learning rate falls: η. Default 0. */
  public Adagrad lrDecay(double decay) {
    lrDecay = notNegative("lr decay", decay);
    return this;
  }

  /** What the sum of squares begins with. Default 0. */
  public Adagrad initialAccumulator(double value) {
    initialAccumulator = notNegative("the initial accumulator", value);
    return this;
  }

  /** What keeps the quotient finite. Default 1e-10. */
  public Adagrad eps(double eps) {
    this.eps = notNegative("eps", eps);
    return this;
  }

  /** The L2 penalty λ, added to the gradient as λ p. Default 0. */
  public Adagrad weightDecay(double weightDecay) {
    this.weightDecay = notNegative("weight decay", weightDecay);
    return this;
  }

  @Override
  List<String> slotNames() {
    return List.of("sum");
  }

  @Override
  double initialState() {
    return initialAccumulator;
  }

  @Override
  int update(long[] table, int count, Turn turn) {
    return ek_adagrad(table, count, turn.lr() / (1 + (turn.t() - 1) * lrDecay), eps, turn.weightDecay());
  }
}
