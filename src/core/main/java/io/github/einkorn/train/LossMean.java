package io.github.einkorn.train;

import io.github.einkorn.DType;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Loss;
import java.util.function.BooleanSupplier;

/** Σ n · loss / Σ n over batches of n samples, without those of which no label counts; NaN if none is left. */
final class LossMean {
  private double sum;
  private long samples;

  /** Takes in the loss of n samples; whether none of their labels counts is asked where it is NaN. */
  void add(float loss, int n, BooleanSupplier ignoresAll) {
    if (Float.isNaN(loss) && ignoresAll.getAsBoolean()) return;
    sum += (double) loss * n;
    samples += n;
  }

  double result() {
    return sum / samples;
  }

  /** Whether a loss ignores every label, so that its mean is NaN and says nothing about the model. */
  static boolean ignoresAll(Loss loss, Tensor target) {
    return target.dtype() == DType.INT64 && target.ne(loss.ignoredLabel()).sum().toLongs()[0] == 0;
  }
}
