package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_max;
import static io.github.einkorn.global.einkorn.ek_min;
import static io.github.einkorn.global.einkorn.ek_select_grad;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Replay;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y = the largest or smallest x along a dimension of x seen as (outer, n, inner). Keeps the index of the first one:
 * gx = gy there, 0 elsewhere.
 */
public record Extreme(Shape shape, long outer, long n, long inner, Tensor index) implements Op {
  /** Over all elements. */
  public static Tensor apply(boolean largest, Tensor x) {
    return find(largest, x, 1, x.size(), 1, Shape.SCALAR, false, in -> apply(largest, in[0]));
  }

  /** Along a dimension, which goes. */
  public static Tensor apply(boolean largest, Tensor x, int dim) {
    return along(largest, x, dim, false);
  }

  /** The position in row-major order of the first largest or smallest of all elements. */
  public static Tensor index(boolean largest, Tensor x) {
    return find(largest, x, 1, x.size(), 1, Shape.SCALAR, true, in -> index(largest, in[0]));
  }

  /** The position of the first largest or smallest element along a dimension, which goes. */
  public static Tensor index(boolean largest, Tensor x, int dim) {
    return along(largest, x, dim, true);
  }

  private static Tensor along(boolean largest, Tensor x, int dim, boolean index) {
    Shape s = x.shape();
    int axis = Check.axis(name(largest, index), x, dim);
    return find(largest, x, s.size(0, axis), s.dim(axis), s.size(axis + 1, s.rank()), s.without(axis), index,
        in -> along(largest, in[0], dim, index));
  }

  private static String name(boolean largest, boolean index) {
    return (index ? "arg" : "") + (largest ? "max" : "min");
  }

  private static Tensor find(boolean largest, Tensor x, long outer, long n, long inner, Shape to, boolean index,
      Replay again) {
    if (index && x.dtype() == DType.INT64) {
      return Graph.record(Extreme.class, indexOfLongs(largest, x, n, inner, to), again, x);
    }
    Tensor f = index ? x.to(DType.FLOAT32) : x;
    Check.floats(name(largest, index), f);
    Tensor c = f.contiguous();
    Tensor y = index ? null : Tensor.empty(to);
    Tensor at = Tensor.empty(DType.INT64, Format.CONTIGUOUS, to);
    long values = index ? 0 : y.address();
    Native.check(largest
        ? ek_max(outer, n, inner, c.address(), values, at.address())
        : ek_min(outer, n, inner, c.address(), values, at.address()));
    Layout.free(c, f);
    Layout.free(f, x);
    return index ? Graph.record(Extreme.class, at, again, x)
        : Graph.record(new Extreme(x.shape(), outer, n, inner, at), y, again, x);
  }

  /** In Java, because floats would not tell large integers apart; a piece of the inner dimension at a time. */
  private static Tensor indexOfLongs(boolean largest, Tensor x, long n, long inner, Shape to) {
    int size = (int) Math.min(inner, Pieces.SIZE);
    long[] best = new long[size], at = new long[size];
    try (var all = new Pieces.Reader(x)) {
      return Pieces.longs(to, inner, (o, i) -> {
        int found = (int) (i % size);
        if (found > 0) return at[found];
        for (long k = 0; k < n; k++) {
          long from = (o * n + k) * inner + i;
          for (int l = 0; l < Math.min(size, inner - i); l++) {
            long v = all.get(from + l);
            if (k > 0 && (largest ? v <= best[l] : v >= best[l])) continue;
            best[l] = v;
            at[l] = k;
          }
        }
        return at[0];
      });
    }
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous();
    Tensor gx = Tensor.empty(shape);
    Native.check(ek_select_grad(outer, n, inner, g.address(), index.address(), gx.address()));
    return new Tensor[] {gx};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {index};
  }
}
