package io.github.einkorn.train;

import io.github.einkorn.Tensor;
import java.util.Objects;

/**
 * 2 · precision · recall / (precision + recall), of {@link Precision} and {@link Recall}.
 *
 * <p>Counted over all batches, for predictions and targets as in {@link Accuracy}; see {@link Average} for more than
 * two classes. Where there is nothing and nothing was found it is 0, as in scikit-learn.
 */
public final class F1 implements Metric {
  private final Average average;
  private final ConfusionMatrix confusion = new ConfusionMatrix();

  /** Of class 1, where there are two classes. */
  public F1() {
    this(Average.BINARY);
  }

  /** Of several classes. */
  public F1(Average average) {
    this.average = Objects.requireNonNull(average, "average");
  }

  /** What a single score must exceed to mean 1: 0.5 for probabilities, the default; 0 for logits. */
  public F1 threshold(double value) {
    confusion.threshold(value);
    return this;
  }

  @Override
  public String name() {
    return "f1";
  }

  @Override
  public void reset() {
    confusion.reset();
  }

  /** Counts a batch. */
  @Override
  public void update(Tensor prediction, Tensor target) {
    confusion.update(name(), prediction, target);
  }

  /**
   * The figure since the reset; NaN if there was no batch.
   *
   * @throws IllegalArgumentException if there are more than two classes and {@code average} is {@code BINARY}
   */
  @Override
  public double result() {
    return confusion.f1(average);
  }
}
