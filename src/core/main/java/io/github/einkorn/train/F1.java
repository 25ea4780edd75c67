package io.github.einkorn.train;

/**
 * 2 · precision · recall / (precision + recall), of {@link Precision} and {@link Recall}.
 *
 * <p>Counted over all batches, for predictions and targets as in {@link Accuracy}; see {@link Average} for more than
 * two classes. Where there is nothing and nothing was found it is 0, as in scikit-learn.
 */
public final class F1 extends ClassFigure<F1> {
  /** Of class 1, where there are two classes. */
  public F1() {
    this(Average.BINARY);
  }

  /** Of several classes. */
  public F1(Average average) {
    super(average);
  }

  @Override
  F1 self() {
    return this;
  }

  @Override
  public String name() {
    return "f1";
  }

  @Override
  double of(ConfusionMatrix confusion, Average average) {
    return confusion.f1(average);
  }
}
