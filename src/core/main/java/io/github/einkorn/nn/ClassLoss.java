package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;

/** A loss on class labels, where classes may count more or less and labels may be left out. */
abstract class ClassLoss<L extends ClassLoss<L>> extends BuiltInLoss<L> {
  static final long NOT_A_CLASS = -100; // PyTorch's

  Tensor weight; // (C), or null for ones
  long ignored = NOT_A_CLASS;

  /**
   * What the samples of each class count, one number per class. The mean is then divided by the sum of these weights
   * over the labels, as in PyTorch, also where samples have weights of their own. Default 1. Returns this.
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

  @Override
  public final long ignoredLabel() {
    return ignored;
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
   * The loss with all options. Smoothing, of logits, takes a share of the loss from the label and spreads it over all
   * classes.
   *
   * @param plain the losses (M) of rows (M, C) and labels (M); with smoothing, of log-probabilities
   */
  final Tensor labelled(Tensor x, Tensor labels, double smoothing, Reduction reduction, BinaryOperator<Tensor> plain) {
    checkWeight(x);
    return Functional.rows(x, labels, reduction, (rows, given) -> {
      if (!ignoresSome(given) || rows.rank() != 2 || given.rank() != 1 || given.dim(0) != rows.dim(0)) {
        return counted(rows, given, smoothing, reduction, plain);
      }
      long[] all = given.toLongs();
      checkClasses(all, rows.dim(1));
      long[] kept = LongStream.range(0, all.length).filter(i -> all[(int) i] != ignored).toArray();
      if (kept.length == 0) return none(rows, reduction);
      Tensor at = Tensor.of(LongStream.of(kept).map(i -> all[(int) i]).toArray());
      Tensor y = counted(rows.indexSelect(Tensor.of(kept)), at, smoothing, reduction, plain);
      return reduction == Reduction.NONE ? spread(y, kept, all.length) : y;
    });
  }

  /** As the operation would, which sees fewer rows. */
  private void checkClasses(long[] labels, int classes) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == ignored || labels[i] >= 0 && labels[i] < classes) continue;
      throw new IllegalArgumentException("label " + labels[i] + " at row " + i + " is outside 0.." + (classes - 1));
    }
  }

  /** The loss of rows that all count. */
  private Tensor counted(Tensor x, Tensor at, double smoothing, Reduction reduction, BinaryOperator<Tensor> plain) {
    Tensor rows = smoothing > 0 ? x.logSoftmax(1) : x;
    Tensor each = plain.apply(rows, at), w = weight == null ? null : weight.indexSelect(at);
    if (w != null) each = each.mul(w);
    if (smoothing > 0) {
      Tensor spread = (weight == null ? rows : rows.mul(weight)).mean(1).mul(-smoothing);
      each = each.mul(1 - smoothing).add(spread);
    }
    return reduction == Reduction.MEAN && w != null ? each.sum().div(w.sum()) : reduction.of(each);
  }

  /** The loss of no row at all, with a gradient of 0. */
  private static Tensor none(Tensor rows, Reduction reduction) {
    Tensor zeros = rows.step().sum(1).mul(0);
    return reduction == Reduction.MEAN ? noMean(zeros) : reduction.of(zeros);
  }

  private static Tensor noMean(Tensor zeros) {
    return zeros.sum().add(Float.NaN);
  }

  /** A mean divides by what it would divide by if all samples counted the same. */
  @Override
  final Tensor reduce(Tensor each, Tensor target) {
    boolean plain = target.dtype() != DType.INT64 || weight == null && !ignoresSome(target);
    if (plain || reduction != Reduction.MEAN) return super.reduce(each, target);
    long[] counted = LongStream.of(target.toLongs()).filter(label -> label != ignored).toArray();
    if (counted.length == 0) return noMean(each);
    return weight == null ? each.sum().div(counted.length)
        : each.sum().div(weight.indexSelect(Tensor.of(counted)).sum());
  }

  /** The losses of some of n rows among zeros. */
  private static Tensor spread(Tensor losses, long[] rows, int n) {
    long[] from = new long[n];
    Arrays.fill(from, rows.length);
    for (int i = 0; i < rows.length; i++) from[(int) rows[i]] = i;
    return Tensor.cat(0, losses, Tensor.zeros(1)).indexSelect(Tensor.of(from));
  }

  @Override
  String details() {
    return (weight == null ? "" : ", weight=" + weight.shape())
        + (ignored == NOT_A_CLASS ? "" : ", ignore_index=" + ignored);
  }
}
