package io.github.einkorn.train;

import io.github.einkorn.Tensor;
import java.util.Objects;

/** A figure of a {@link ConfusionMatrix} over all batches; F is the metric, for {@link #threshold} to return. */
abstract class ClassFigure<F extends ClassFigure<F>> implements Metric {
  private final Average average;
  private final ConfusionMatrix confusion = new ConfusionMatrix();

  ClassFigure(Average average) {
    this.average = Objects.requireNonNull(average, "average");
  }

  abstract F self();

  abstract double of(ConfusionMatrix confusion, Average average);

  /** What a single score must exceed to mean 1: 0.5 for probabilities, the default; 0 for logits. */
  public F threshold(double value) {
    confusion.threshold(value);
    return self();
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
    return of(confusion, average);
  }
}
