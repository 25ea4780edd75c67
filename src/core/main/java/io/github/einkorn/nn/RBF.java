package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * yᵢ = Σⱼ (xⱼ − wᵢⱼ)²: the squared distances of (N, in) to out centres, (N, out). The output layer of LeNet-5 (LeCun et
 * al. 1998, eq. 7): the smaller a distance, the better x fits the class, so that the answer is {@code y.argmin(1)}.
 * {@link RBFLoss} trains it, and {@code new Accuracy().smallest()} counts. The centres w (out, in) are a buffer: they
 * are saved, but not learnt unless told.
 */
public final class RBF extends BuiltIn {
  private Tensor weight;

  /**
   * With centres w (out, in), which become part of the layer.
   *
   * @throws ShapeException unless they are a matrix
   * @throws io.github.einkorn.DTypeException unless they are floats
   */
  public RBF(Tensor centres) {
    Check.floats("RBF", centres);
    Check.rank("RBF", centres, 2, "centres (out, in)");
    weight = buffer("weight", centres);
  }

  /**
   * 84 to 10: the distances to pictures of the digits 0 to 9, of 7 × 12 pixels that are 1 or -1, in the manner of the
   * paper's figure 3.
   */
  public static RBF digits() {
    return new RBF(Digits.pictures());
  }

  /** Whether the centres are learnt; the default is false. Returns this. */
  public RBF trainable(boolean wanted) {
    forget("weight");
    weight = wanted ? parameter("weight", weight) : buffer("weight", weight.requiresGrad(false));
    return this;
  }

  /** w (out, in). */
  public Tensor weight() {
    return weight;
  }

  @Override
  Tensor compute(Tensor x) {
    Check.floats("rbf", x);
    if (x.rank() != 2 || x.dim(1) != weight.dim(1)) {
      throw new ShapeException("expected (N, " + weight.dim(1) + "), got shape " + x.shape());
    }
    return x.unsqueeze(1).sub(weight).square().sum(-1);
  }

  @Override
  int inputRank() {
    return 2;
  }

  @Override
  protected String details() {
    return "in_features=" + weight.dim(1) + ", out_features=" + weight.dim(0) + ", trainable="
        + python(weight.requiresGrad());
  }
}
