package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.function.Supplier;

/**
 * A restricted Boltzmann machine of units that are 0 or 1: p(v, h) ∝ e^(b·v + c·h + hᵀ W v). As a layer it gives p(hⱼ =
 * 1 | v) = σ(W v + c): (N, visible) to (N, hidden). W (hidden, visible) starts from N(0, 0.01²), b (visible) and c
 * (hidden) from 0 (Hinton 2010, A Practical Guide to Training Restricted Boltzmann Machines).
 *
 * <p>{@code io.github.einkorn.train.ContrastiveDivergence} trains it; in a loop of one's own that is
 *
 * <pre>{@code
 * Tensor loss = rbm.contrastiveLoss(v, rbm.gibbs(v, 1));
 * loss.backward();
 * }</pre>
 *
 * <p>Visible values between 0 and 1 are taken for probabilities.
 */
public final class Rbm extends BuiltIn {
  private final int visible;
  private final int hidden;
  private final Tensor weight;
  private final Tensor visibleBias;
  private final Tensor hiddenBias;

  /**
   * With numbers of units.
   *
   * @throws IllegalArgumentException unless both are at least 1
   */
  public Rbm(int visible, int hidden) {
    this.visible = positive("visible", visible);
    this.hidden = positive("hidden", hidden);
    weight = parameter("weight", () -> Init.normal(Tensor.empty(Shape.of(hidden, visible)), 0, 0.01));
    visibleBias = parameter("visible_bias", Tensor.zeros(visible));
    hiddenBias = parameter("hidden_bias", Tensor.zeros(hidden));
  }

  /** W (hidden, visible). */
  public Tensor weight() {
    return weight;
  }

  /** b (visible). */
  public Tensor visibleBias() {
    return visibleBias;
  }

  /** c (hidden). */
  public Tensor hiddenBias() {
    return hiddenBias;
  }

  /** Number of visible units. */
  public int visible() {
    return visible;
  }

  /** Number of hidden units. */
  public int hidden() {
    return hidden;
  }

  @Override
  Tensor compute(Tensor v) {
    return input(v).sigmoid();
  }

  /** W v + c. */
  private Tensor input(Tensor v) {
    check("visible", v, visible);
    return Functional.linear(v, weight, hiddenBias);
  }

  private static void check(String what, Tensor x, int units) {
    Check.floats(what + " units", x);
    if (x.rank() != 2 || x.dim(1) != units) {
      throw new ShapeException("expected " + what + " units (N, " + units + "), got shape " + x.shape());
    }
  }

  /** p(hⱼ = 1 | v) = σ(W v + c): (N, visible) to (N, hidden). */
  public Tensor hidden(Tensor v) {
    return named(() -> compute(v));
  }

  /** p(vᵢ = 1 | h) = σ(Wᵀ h + b): (N, hidden) to (N, visible). */
  public Tensor visible(Tensor h) {
    return named(() -> {
      check("hidden", h, hidden);
      return h.matmul(weight).add(visibleBias).sigmoid();
    });
  }

  /** Hidden units 0 or 1, drawn from {@link #hidden(Tensor)}. Has no gradient. */
  public Tensor sampleHidden(Tensor v) {
    return drawn(() -> hidden(v));
  }

  /** Visible units 0 or 1, drawn from {@link #visible(Tensor)}. Has no gradient. */
  public Tensor sampleVisible(Tensor h) {
    return drawn(() -> visible(h));
  }

  private static Tensor drawn(Supplier<Tensor> probabilities) {
    try (var off = new NoGrad(); var scope = new Scope()) {
      Tensor p = probabilities.get();
      return Tensors.result(Tensor.rand(p.shape().dims()).lt(p).to(DType.FLOAT32), scope);
    }
  }

  /**
   * The visible units (N, visible) of Markov chains that start at v, after so many steps of drawing the hidden and then
   * the visible units. Has no gradient.
   *
   * @throws IllegalArgumentException if there is not at least one step
   */
  public Tensor gibbs(Tensor v, int steps) {
    positive("steps", steps);
    try (var scope = new Scope()) {
      Tensor state = v;
      for (int i = 0; i < steps; i++) {
        Tensor before = state;
        state = sampleVisible(sampleHidden(before));
        if (before != v) before.close();
      }
      return Tensors.result(state, scope);
    }
  }

  /**
   * F(v) = −b·v − Σⱼ ln(1 + e^(W v + c)ⱼ), with p(v) ∝ e^(−F(v)): (N, visible) to (N). Its gradient is what trains the
   * machine.
   */
  public Tensor freeEnergy(Tensor v) {
    return named(() -> {
      Tensor x = input(v);
      Tensor softplus = x.maximum(Tensor.zeros(1)).add(x.abs().neg().exp().add(1).log());
      return v.matmul(visibleBias).add(softplus.sum(1)).neg();
    });
  }

  /**
   * mean F(v) − mean F(model), a number whose gradient is that of −ln p(v) if {@code model} (M, visible) is drawn from
   * the machine: with samples of {@link #gibbs} from v on, contrastive divergence (Hinton 2002); with those of chains
   * that go on from one batch to the next, the persistent one (Tieleman 2008).
   */
  public Tensor contrastiveLoss(Tensor v, Tensor model) {
    return freeEnergy(v).mean().sub(freeEnergy(model).mean());
  }

  /** The mean over elements of (v − p(v | p(h | v)))², which says how well the hidden units tell v. */
  public double reconstructionError(Tensor v) {
    try (var off = new NoGrad(); var scope = new Scope()) {
      return Functional.mseLoss(visible(hidden(v)), v).item();
    }
  }

  @Override
  int inputRank() {
    return 2;
  }

  @Override
  protected String details() {
    return "visible=" + visible + ", hidden=" + hidden;
  }
}
