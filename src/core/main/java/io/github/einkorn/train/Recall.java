package io.github.einkorn.train;

/**
 * true positives / (true positives + false negatives): the share of what there is that was found.
 *
 * <p>Counted over all batches, for predictions and targets as in {@link Accuracy}; see {@link Average} for more than
 * two classes. Where there is nothing it is 0, as in scikit-learn.
 */
public final class Recall extends ClassFigure<Recall> {
  /** Of class 1, where there are two classes. */
  public Recall() {
    this(Average.BINARY);
  }

  /** Of several classes. */
  public Recall(Average average) {
    super(average);
  }

  @Override
  Recall self() {
    return this;
  }

  @Override
  public String name() {
    return "recall";
  }

  @Override
  double of(ConfusionMatrix confusion, Average average) {
    return confusion.recall(average);
  }
}
