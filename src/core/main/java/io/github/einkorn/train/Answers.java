package io.github.einkorn.train;

import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Pieces;

/**
 * What a model said and what was right, as classes; see {@link Accuracy} for the shapes that are understood.
 *
 * @param predicted int64 (n)
 * @param actual int64 or float32 (n), as it was given: what is no class may be wrong, or refused, see {@link #classOf}
 * @param classes number of classes
 * @param ignored the label of what does not count; null where the targets are no labels
 */
record Answers(Tensor predicted, Tensor actual, int classes, Long ignored) {
  static final long NOT_A_CLASS = -100; // PyTorch's

  /** Takes some of the answers, the first of which is `from`. */
  interface Piece {
    void accept(int from, long[] predicted, double[] actual);
  }

  static Answers of(String who, Tensor p, Tensor t, double threshold, long ignored) {
    if (p.rank() > 0 && t.rank() > 0) {
      boolean binary = p.rank() == 1 || p.dim(1) == 1;
      boolean one = fits(t, p.rank() == 1 ? p.shape() : p.shape().without(1));
      if (binary && one) return of(p.gt(threshold).to(DType.INT64), t, 2, null);
      if (one) return of(p.argmax(1), t, p.dim(1), ignored);
      if (p.shape().equals(t.shape())) return of(p.argmax(1), t.to(DType.FLOAT32).argmax(1), p.dim(1), null);
    }
    throw new ShapeException(who + ": expected class indices, one-hot targets or 0 and 1 for predictions of shape "
        + p.shape() + ", got " + t.describe());
  }

  private static Answers of(Tensor predicted, Tensor t, int classes, Long ignored) {
    Tensor actual = t.dtype() == DType.FLOAT32 ? t : t.to(DType.INT64);
    return new Answers(predicted.reshape(-1), actual.reshape(-1), classes, ignored);
  }

  /** Whether there is one target for each place; (N, 1, …) is understood as (N, …). */
  private static boolean fits(Tensor t, Shape places) {
    return t.shape().equals(places) || t.rank() > 1 && t.dim(1) == 1 && t.shape().without(1).equals(places);
  }

  /** How many count. */
  long counted() {
    return ignored == null ? actual.size() : actual.ne(ignored).sum().toLongs()[0];
  }

  /** How many of these are right. */
  long right() {
    Tensor hits = predicted.to(actual.dtype()).eq(actual);
    return (ignored == null ? hits : hits.gt(actual.eq(ignored))).sum().toLongs()[0]; // true is more than false
  }

  /** Hands all on in pieces, so that no array on the Java heap is as large as they are. */
  void pieces(Piece f) {
    for (int from = 0; from < actual.size(); from += Pieces.SIZE) {
      int n = (int) Math.min(Pieces.SIZE, actual.size() - from);
      f.accept(from, predicted.narrow(0, from, n).toLongs(), numbers(actual.narrow(0, from, n)));
    }
  }

  private static double[] numbers(Tensor t) {
    double[] all = new double[(int) t.size()];
    if (t.dtype() == DType.FLOAT32) {
      float[] given = t.toFloats();
      for (int i = 0; i < all.length; i++) all[i] = given[i];
    } else {
      long[] given = t.toLongs();
      for (int i = 0; i < all.length; i++) all[i] = given[i];
    }
    return all;
  }

  /**
   * The class that a target is, or -1 for what does not count.
   *
   * @throws IllegalArgumentException if a target that counts is none of the classes
   */
  int classOf(String who, double target) {
    if (ignored != null && target == ignored) return -1;
    int c = (int) target;
    if (c == target && c >= 0 && c < classes) return c;
    throw new IllegalArgumentException(who + ": target "
        + (target == (long) target ? "" + (long) target : "" + (float) target) + " is not a class, 0.."
        + (classes - 1));
  }
}
