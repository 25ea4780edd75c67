package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** What losses on class labels share. */
final class Labels {
  private Labels() {}

  /** Rows (N, C) of x and labels (N). */
  static void check(String op, Tensor x, Tensor labels) {
    Check.floats(op, x);
    Check.dtype(op + " labels", labels, DType.INT64);
    if (x.rank() != 2 || labels.rank() != 1 || x.dim(0) != labels.dim(0)) {
      throw new ShapeException(op + ": expected (N, C) and labels (N), got " + x.shape() + " and " + labels.shape());
    }
  }

  static Tensor loss(Shape elements, Reduction reduction) {
    return Tensor.empty(reduction == Reduction.NONE ? elements : Shape.SCALAR);
  }
}
