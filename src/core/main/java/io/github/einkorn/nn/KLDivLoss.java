package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * t (ln t - x) for log-probabilities x, as {@link LogSoftmax} gives, and probabilities t of the same shape: the
 * Kullback-Leibler divergence of the targets from the predictions. The default reduction is the mean of the elements,
 * as in PyTorch; {@link #batchMean} gives what mathematics calls by that name.
 */
public final class KLDivLoss extends BuiltInLoss<KLDivLoss> {
  private boolean logTarget;
  private boolean batchMean;

  /** Whether targets are logarithms of probabilities too. Default false. */
  public KLDivLoss logTarget(boolean wanted) {
    logTarget = wanted;
    return this;
  }

  /** Whether the elements are added and divided by the number of samples, whatever the reduction. Default false. */
  public KLDivLoss batchMean(boolean wanted) {
    batchMean = wanted;
    return this;
  }

  @Override
  KLDivLoss self() {
    return this;
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target, Reduction reduction) {
    return Functional.klDivLoss(prediction, target, logTarget, reduction);
  }

  @Override
  Tensor compute(Tensor prediction, Tensor target) {
    if (!batchMean || prediction.rank() == 0) return super.compute(prediction, target);
    return compute(prediction, target, Reduction.SUM).div(prediction.dim(0));
  }

  @Override
  Tensor reduce(Tensor each, Tensor target) {
    return batchMean ? each.sum().div(each.dim(0)) : super.reduce(each, target);
  }

  @Override
  String details() {
    return (batchMean ? ", batch_mean=True" : "") + (logTarget ? ", log_target=True" : "");
  }
}
