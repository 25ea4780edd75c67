package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Graph;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;

/** y[…, c] = 1 where c is the label, else 0. Has no gradient. */
public final class OneHot {
  private OneHot() {}

  public static Tensor apply(Tensor labels, int classes) {
    Check.dtype("oneHot", labels, DType.INT64);
    Shape to = labels.shape().insert(-1, classes);
    if (to.size() > Integer.MAX_VALUE - 8) throw new ShapeException("oneHot: too large, " + to);
    float[] y = new float[(int) to.size()];
    long[] label = Tensors.longs(labels);
    for (int i = 0; i < label.length; i++) {
      if (label[i] < 0 || label[i] >= classes) {
        throw new IllegalArgumentException("oneHot: label " + label[i] + " at row " + i + " is not in 0.."
            + (classes - 1));
      }
      y[i * classes + (int) label[i]] = 1;
    }
    return Graph.record(OneHot.class, Tensor.of(y, to.dims()), in -> apply(in[0], classes), labels);
  }
}
