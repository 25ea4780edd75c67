package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** y = x[start .. start + length) along a dimension. Keeps where: gx = gy there, 0 elsewhere. */
public record Narrow(Shape shape, Format format, long from) implements Op {
  public static Tensor apply(Tensor x, int dim, int start, int length) {
    int axis = Check.axis("narrow", x, dim);
    int begin = start < 0 ? start + x.dim(axis) : start;
    if (begin < 0 || length < 1 || (long) begin + length > x.dim(axis)) {
      throw new ShapeException("narrow: " + length + " from " + start + " does not lie in dimension " + dim
          + " of shape " + x.shape());
    }
    long from = begin * Layout.strides(x)[axis];
    Tensor y = Layout.cut(x, from, x.shape().with(axis, length));
    return Graph.record(new Narrow(x.shape(), x.format(), from), y, in -> apply(in[0], dim, start, length), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.empty(DType.FLOAT32, format, shape).fillInPlace(0);
    Layout.paste(gy, gx, from);
    return new Tensor[] {gx};
  }
}
