package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** -prediction[target], for log-probabilities as {@link LogSoftmax} gives; shapes as {@link CrossEntropyLoss}. */
public final class NLLLoss extends BuiltInLoss<NLLLoss> {
  @Override
  NLLLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.nllLoss(prediction, target, reduction);
  }
}
