package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** What losses on predictions and targets of the same shape share. */
public final class Pairs {
  private Pairs() {}

  /** Floats x and t of the same shape. */
  public static void check(String op, Tensor x, Tensor t) {
    Check.floats(op, x);
    Check.floats(op + " target", t);
    if (!x.shape().equals(t.shape())) {
      throw new ShapeException(op + ": expected a target of shape " + x.shape() + ", got " + t.shape());
    }
  }

  /** A target that has no gradient. */
  public static void constant(String op, Tensor t) {
    if (t.requiresGrad()) throw new IllegalArgumentException(op + ": the target must not require a gradient");
  }

  static Tensor loss(Tensor x, Reduction reduction) {
    return reduction == Reduction.NONE ? Tensor.like(x) : Tensor.empty(Shape.SCALAR);
  }
}
