package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_gather_rows;
import static io.github.einkorn.global.einkorn.ek_gather_rows_grad;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** y[i] = x[rows[i]] along the first dimension. Keeps the rows: gx[rows[i]] += gy[i]. */
public record IndexSelect(Shape shape, Format format, Tensor rows) implements Op {
  public static Tensor apply(Tensor x, Tensor rows) {
    Check.dtype("indexSelect", rows, DType.INT64);
    Check.rank("indexSelect", rows, 1, "a vector of rows");
    if (x.rank() == 0) throw new ShapeException("indexSelect: expected at least one dimension, got a scalar");
    Tensor y = Tensor.empty(x.dtype(), x.format(), x.shape().with(0, rows.dim(0)));
    long bytes = x.size() / x.dim(0) * x.dtype().bytes();
    Native.check(ek_gather_rows(x.address(), x.dim(0), bytes, rows.address(), rows.size(), y.address()));
    return Graph.record(new IndexSelect(x.shape(), x.format(), rows), y, in -> apply(in[0], in[1]), x, rows);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.to(format);
    Tensor gx = Tensor.empty(DType.FLOAT32, format, shape);
    int n = shape.dim(0);
    Native.check(ek_gather_rows_grad(g.address(), rows.address(), rows.size(), gx.size() / n, gx.address(), n));
    return new Tensor[] {gx, null};
  }
}
