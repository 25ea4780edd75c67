package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Tensor;
import java.util.Arrays;

/**
 * -ln softmax(prediction)[target], for logits (N, C) or (N, C, d1, …) and int64 labels (N) or (N, d1, …); or -Σ target
 * ln softmax(prediction) over the classes, for float targets of the shape of the logits, which are the classes'
 * probabilities. Softmax included: the model ends without one. {@code torch.nn.CrossEntropyLoss}.
 */
public final class CrossEntropyLoss extends ClassLoss<CrossEntropyLoss> {
  private double smoothing;

  /**
   * The share ε of every target that is spread evenly over all classes: (1 - ε) target + ε / C. Szegedy and others,
   * 2016. Default 0. Returns this.
   */
  public CrossEntropyLoss labelSmoothing(double share) {
    Check.range("CrossEntropyLoss: labelSmoothing", share, 0, 1);
    smoothing = share;
    return this;
  }

  @Override
  CrossEntropyLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor x, Tensor t, Reduction reduction) {
    if (t.dtype() == DType.FLOAT32 && x.rank() > 1 && t.shape().equals(x.shape())) return distributed(x, t, reduction);
    if (smoothing > 0) {
      return labelled(x, t, smoothing, reduction, (p, at) -> Functional.nllLoss(p, at, Reduction.NONE));
    }
    if (weight == null && !ignoresSome(t)) return Functional.crossEntropy(x, t, reduction);
    return labelled(x, t, 0, reduction, (rows, at) -> Functional.crossEntropy(rows, at, Reduction.NONE));
  }

  private Tensor distributed(Tensor x, Tensor t, Reduction reduction) {
    if (ignored >= 0) {
      throw new IllegalArgumentException("CrossEntropyLoss: ignoreIndex is for labels, and the target holds "
          + "probabilities " + t.shape());
    }
    checkWeight(x);
    Tensor q = smoothing == 0 ? t : t.mul(1 - smoothing).add(smoothing / x.dim(1));
    Tensor terms = q.mul(x.logSoftmax(1));
    if (weight != null) {
      int[] along = new int[x.rank() - 1];
      Arrays.fill(along, 1);
      along[0] = x.dim(1);
      terms = terms.mul(weight.reshape(along));
    }
    return reduction.of(terms.sum(1).neg());
  }

  @Override
  String details() {
    return super.details() + (smoothing == 0 ? "" : ", label_smoothing=" + BuiltIn.python(smoothing));
  }
}
