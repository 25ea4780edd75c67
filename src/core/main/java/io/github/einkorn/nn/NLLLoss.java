package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/** -prediction[target], for log-probabilities as {@link LogSoftmax} gives; shapes as {@link CrossEntropyLoss}. */
public final class NLLLoss extends ClassLoss<NLLLoss> {
  @Override
  NLLLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    if (weight == null && !ignoresSome(target)) return Functional.nllLoss(prediction, target, reduction);
    return labelled(prediction, target, 0, reduction, (x, t) -> Functional.nllLoss(x, t, Reduction.NONE));
  }
}
