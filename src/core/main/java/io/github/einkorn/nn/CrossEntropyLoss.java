package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * -ln softmax(prediction)[target], for logits (N, C) or (N, C, d1, …) and int64 labels (N) or (N, d1, …). Softmax
 * included: the model ends without one.
 */
public final class CrossEntropyLoss extends BuiltInLoss<CrossEntropyLoss> {
  @Override
  CrossEntropyLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.crossEntropy(prediction, target, reduction);
  }
}
