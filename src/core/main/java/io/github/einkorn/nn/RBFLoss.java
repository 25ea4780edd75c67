package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;

/**
 * For distances y (N, C) from an {@link RBF} layer and labels (N), the distance y[label] alone (LeCun et al. 1998, eq.
 * 8), or, given j, the criterion of maximum a posteriori (eq. 9), which also pushes the other classes away:
 *
 * <pre>{@code y[label] + ln(e⁻ʲ + Σᵢ e^(-yᵢ))}</pre>
 *
 * <p>e⁻ʲ stands for a class of rubbish: distances that are larger than j anyhow are pushed no further. The first form
 * is for centres that are fixed: if they are learnt, they all end at one point.
 */
public final class RBFLoss extends BuiltInLoss<RBFLoss> {
  private final double j; // infinity: eq. 8

  /** The distance to the label's centre alone. */
  public RBFLoss() {
    j = Double.POSITIVE_INFINITY;
  }

  /**
   * The criterion of maximum a posteriori.
   *
   * @throws IllegalArgumentException unless j is positive and finite
   */
  public RBFLoss(double j) {
    if (!(j > 0)) throw new IllegalArgumentException("RBFLoss: j must be positive, got " + j);
    this.j = Check.finite("RBFLoss: j", j);
  }

  @Override
  RBFLoss self() {
    return this;
  }

  /** The second form is the cross-entropy of scores -y, with one class more, of score -j, which no label can be. */
  @Override
  Tensor compute(Tensor distances, Tensor labels, Reduction reduction) {
    Check.rank("rbfLoss", distances, 2, "distances (N, C)");
    Tensor scores = distances.neg();
    if (Double.isInfinite(j)) return Functional.nllLoss(scores, labels, reduction);
    Tensor rubbish = Tensor.full((float) -j, distances.dim(0), 1);
    Tensor all = Tensor.cat(1, scores, rubbish).logSoftmax(1);
    return Functional.nllLoss(all.narrow(1, 0, distances.dim(1)), labels, reduction);
  }
}
