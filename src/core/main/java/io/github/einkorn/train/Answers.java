package io.github.einkorn.train;

import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * What a model said and what was right, as classes, one after the other; see {@link Accuracy} for the shapes that are
 * understood.
 *
 * @param actual the targets as they were given: what is no class may be wrong, or refused, see {@link #actualClasses}
 * @param classes number of classes
 * @param ignored the label of what does not count; NaN where the targets are no labels
 */
record Answers(long[] predicted, double[] actual, int classes, double ignored) {
  static final long NOT_A_CLASS = -100; // PyTorch's

  static Answers of(String who, Tensor p, Tensor t, double threshold, long ignored) {
    if (p.rank() > 0 && t.rank() > 0) {
      boolean binary = p.rank() == 1 || p.dim(1) == 1;
      boolean one = fits(t, p.rank() == 1 ? p.shape() : p.shape().without(1));
      if (binary && one) return new Answers(p.gt(threshold).to(DType.INT64).toLongs(), numbers(t), 2, Double.NaN);
      if (one) return new Answers(p.argmax(1).toLongs(), numbers(t), p.dim(1), ignored);
      if (p.shape().equals(t.shape())) {
        return new Answers(p.argmax(1).toLongs(), numbers(t.to(DType.FLOAT32).argmax(1)), p.dim(1), Double.NaN);
      }
    }
    throw new ShapeException(who + ": expected class indices, one-hot targets or 0 and 1 for predictions of shape "
        + p.shape() + ", got " + t.describe());
  }

  /** Whether there is one target for each place; (N, 1, …) is understood as (N, …). */
  private static boolean fits(Tensor t, Shape places) {
    return t.shape().equals(places) || t.rank() > 1 && t.dim(1) == 1 && t.shape().without(1).equals(places);
  }

  private static double[] numbers(Tensor t) {
    double[] all = new double[(int) t.size()];
    if (t.dtype() == DType.FLOAT32) {
      float[] given = t.toFloats();
      for (int i = 0; i < all.length; i++) all[i] = given[i];
    } else {
      long[] given = t.to(DType.INT64).toLongs();
      for (int i = 0; i < all.length; i++) all[i] = given[i];
    }
    return all;
  }

  boolean counts(int i) {
    return actual[i] != ignored;
  }

  /**
   * What was right, as indices; 0 for what does not count.
   *
   * @throws IllegalArgumentException if a target that counts is none of the classes
   */
  int[] actualClasses(String who) {
    int[] all = new int[actual.length];
    for (int i = 0; i < all.length; i++) {
      if (!counts(i)) continue;
      double c = actual[i];
      all[i] = (int) c;
      if (all[i] != c || c < 0 || c >= classes) {
        throw new IllegalArgumentException(who + ": target " + (c == (long) c ? "" + (long) c : "" + (float) c)
            + " is not a class, 0.." + (classes - 1));
      }
    }
    return all;
  }
}
