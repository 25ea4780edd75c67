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

  /** A class index that does not count, as if it were not there. Default -100, as of the losses. */
  public F ignoreIndex(long label) {
    confusion.ignoreIndex(label);
    return self();
  }

  @Override
  public void reset() {
    confusion.reset();
  }

  /**
   * Counts a batch.
   *
   * @throws io.github.einkorn.ShapeException if the shapes do not fit, or the number of classes is not that of earlier
   *     batches
   * @throws IllegalArgumentException if a target is not one of the classes
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    confusion.update(name(), prediction, target);
  }

  /**
   * The figure since the reset; NaN if there was nothing to count.
   *
   * @throws IllegalArgumentException if there are more than two classes and {@code average} is {@code BINARY}
   */
  @Override
  public double result() {
    return of(confusion, average);
  }
}
