package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_compare;
import static io.github.einkorn.global.einkorn.ek_compare_scalar;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.util.Locale;

/** z = x (comparison) y as bools, broadcast; operands of one dtype. Has no gradient. */
public enum Compare {
  // in the order of ek_comparison
  EQ, NE, LT, LE, GT, GE;

  public Tensor apply(Tensor x, Tensor y) {
    String op = name().toLowerCase(Locale.ROOT);
    if (x.dtype() != y.dtype()) {
      throw new DTypeException(op + ": " + x.describe() + " against " + y.describe()
          + "; convert one with .to(DType." + x.dtype().name() + ")");
    }
    Shape shape = Broadcast.shape(op, x, y);
    Tensor z = Tensor.empty(DType.BOOL, Broadcast.format(x, y, shape), shape);
    int dtype = x.dtype().ordinal();
    Broadcast.run((n, dims, xs, ys, a, b, c) -> ek_compare(ordinal(), dtype, n, dims, xs, ys, a, b, c), x, y, z);
    return Graph.record(Compare.class, z, in -> apply(in[0], in[1]), x, y);
  }

  public Tensor apply(Tensor x, double value) {
    Tensor z = Tensor.empty(DType.BOOL, x.format(), x.shape());
    Native.check(ek_compare_scalar(ordinal(), x.dtype().ordinal(), x.address(), value, z.address(), x.size()));
    return Graph.record(Compare.class, z, in -> apply(in[0], value), x);
  }
}
