package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_cast;

import io.github.einkorn.DType;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Tensor;

/** y = x in another dtype: floats are truncated towards 0, bool is x != 0. Has no gradient. */
public final class Cast {
  private Cast() {}

  public static Tensor apply(Tensor x, DType to) {
    if (x.dtype() == to) return x;
    Tensor y = Tensor.empty(to, x.format(), x.shape());
    Native.check(ek_cast(x.dtype().ordinal(), x.address(), to.ordinal(), y.address(), x.size()));
    return Graph.record(Cast.class, y, in -> apply(in[0], to), x);
  }
}
