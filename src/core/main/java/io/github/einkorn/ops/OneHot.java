package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Graph;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/** y[…, c] = 1 where c is the label, else 0. Has no gradient. */
public final class OneHot {
  private OneHot() {}

  public static Tensor apply(Tensor labels, int classes) {
    Check.dtype("oneHot", labels, DType.INT64);
    Shape to = labels.shape().insert(-1, classes);
    Tensor y;
    try (var all = new Pieces.Reader(labels)) {
      y = Pieces.floats(to, classes, (i, j) -> {
        long label = all.get(i);
        if (label < 0 || label >= classes) {
          throw new IllegalArgumentException("oneHot: label " + label + " at row " + i + " is not in 0.."
              + (classes - 1));
        }
        return label == j ? 1 : 0;
      });
    }
    return Graph.record(OneHot.class, y, in -> apply(in[0], classes), labels);
  }
}
