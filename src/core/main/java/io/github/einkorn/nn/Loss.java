package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** What training makes small: a number for how far predictions are from targets. */
@FunctionalInterface
public interface Loss {
  /** The loss of a batch: a scalar, unless the loss keeps its elements apart. */
  Tensor forward(Tensor prediction, Tensor target);

  /**
   * The loss of a batch whose samples count more or less: the losses of a sample are multiplied by its weight, and then
   * added, or averaged as without these weights, whatever they add up to: over the number of samples, or that of the
   * labels that are not ignored, or the sum of these labels' class weights. Weights of 1 so change nothing. All losses
   * of the library can; one of one's own has to say how.
   *
   * @param weights (N)
   * @throws UnsupportedOperationException unless the loss says how
   */
  default Tensor forward(Tensor prediction, Tensor target, Tensor weights) {
    throw new UnsupportedOperationException(getClass().getName() + " cannot weight samples: it needs a method"
        + " forward(prediction, target, weights)");
  }

  /**
   * The label whose samples do not count, which need not be a class: of a {@link CrossEntropyLoss} or {@link NLLLoss}
   * its {@code ignoreIndex}. Default -100, PyTorch's.
   */
  default long ignoredLabel() {
    return ClassLoss.NOT_A_CLASS;
  }
}
