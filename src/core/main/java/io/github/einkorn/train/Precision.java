package io.github.einkorn.train;

/**
 * true positives / (true positives + false positives): the share of what was found that is right.
 *
 * <p>Counted over all batches, for predictions and targets as in {@link Accuracy}; see {@link Average} for more than
 * two classes. Where nothing was found it is 0, as in scikit-learn.
 */
public final class Precision extends ClassFigure<Precision> {
  /** Of class 1, where there are two classes. */
  public Precision() {
    this(Average.BINARY);
  }

  /** Of several classes. */
  public Precision(Average average) {
    super(average);
  }

  @Override
  Precision self() {
    return this;
  }

  @Override
  public String name() {
    return "precision";
  }

  @Override
  double of(ConfusionMatrix confusion, Average average) {
    return confusion.precision(average);
  }
}
