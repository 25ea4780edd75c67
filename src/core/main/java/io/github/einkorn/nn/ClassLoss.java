package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.function.BinaryOperator;

/** A loss on class labels, where classes may count more or less and labels may be left out. */
abstract class ClassLoss<L extends ClassLoss<L>> extends BuiltInLoss<L> {
  private static final long NOT_A_CLASS = -100; // PyTorch's

  Tensor weight; // (C), or null for ones
  long ignored = NOT_A_CLASS;

  /**
   * What the samples of each class count, one number per class. The mean is then divided by the sum of these weights
   * over the labels, as in PyTorch. Default 1. Returns this.
   */
  public L weight(float... perClass) {
    for (float w : perClass) Check.range(getClass().getSimpleName() + ": a class weight", w, 0, Float.MAX_VALUE);
    weight = Tensor.of(perClass.clone()).keep();
    return self();
  }

  /**
   * A label whose samples do not count; it need not be a class. A mean over no sample at all is NaN, and has a gradient
   * of 0. Default -100, as in PyTorch. Returns this.
   */
  public L ignoreIndex(long label) {
    ignored = label;
    return self();
  }

  /** Whether one of the labels is to be ignored; other types than int64 are for the operation to refuse. */
  final boolean ignoresSome(Tensor labels) {
    if (labels.dtype() != DType.INT64) return false;
    try (var scope = new Scope()) {
      return labels.eq(ignored).sum().item() > 0;
    }
  }

  final void checkWeight(Tensor x) {
    if (weight != null && x.rank() > 1 && weight.dim(0) != x.dim(1)) {
      throw new ShapeException(weight.dim(0) + " class weights for " + x.dim(1) + " classes, in shape " + x.shape());
    }
  }

  /**
   * The loss with all options. Smoothing, for which x holds log-probabilities, takes a share of the loss from the label
   * and spreads it over all classes.
   *
   * @param plain the losses (M) of rows (M, C) and labels (M)
   */
  final Tensor labelled(Tensor x, Tensor labels, double smoothing, Reduction reduction, BinaryOperator<Tensor> plain) {
    checkWeight(x);
    return Functional.rows(x, labels, reduction, (rows, given) -> {
      Tensor counted = null, at = given;
      if (ignoresSome(given)) {
        counted = given.ne(ignored).to(DType.FLOAT32);
        at = given.to(DType.FLOAT32).mul(counted).to(DType.INT64);
      }
      Tensor each = plain.apply(rows, at);
      Tensor w = weight == null ? counted : weight.indexSelect(at);
      if (weight != null && counted != null) w = w.mul(counted);
      if (w != null) each = each.mul(w);
      if (smoothing > 0) {
        Tensor spread = (weight == null ? rows : rows.mul(weight)).mean(1).mul(-smoothing);
        each = each.mul(1 - smoothing).add(counted == null ? spread : spread.mul(counted));
      }
      if (reduction != Reduction.MEAN || w == null) return reduction.of(each);
      boolean none = counted != null && counted.sum().item() == 0;
      return none ? each.sum().add(Float.NaN) : each.sum().div(w.sum());
    });
  }

  @Override
  String details() {
    return (weight == null ? "" : ", weight=" + weight.shape())
        + (ignored == NOT_A_CLASS ? "" : ", ignore_index=" + ignored);
  }
}
