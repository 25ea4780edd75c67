package io.github.einkorn.ops;

import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;

/** y = x in another shape, row by row; shares x's memory where x is contiguous. Keeps x's shape and format. */
public record Reshape(Shape from, Format format) implements Op {
  public static Tensor apply(Tensor x, int... dims) {
    return apply(x, complete(x, dims));
  }

  static Tensor apply(Tensor x, Shape to) {
    Tensor c = x.contiguous();
    Tensor y = c.viewAs(to);
    Layout.free(c, x);
    return Graph.record(new Reshape(x.shape(), x.format()), y, in -> apply(in[0], to), x);
  }

  /** The shape with -1 replaced by what is left. */
  private static Shape complete(Tensor x, int[] dims) {
    int[] d = dims.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < d.length; i++) {
      if (d[i] == -1) {
        if (unknown >= 0) throw new ShapeException("reshape: only one extent can be -1, got " + Arrays.toString(dims));
        unknown = i;
      } else {
        known = d[i] < 1 || known > x.size() ? Long.MAX_VALUE : known * d[i];
      }
    }
    if (unknown >= 0 && x.size() % known == 0 && x.size() / known <= Integer.MAX_VALUE) {
      d[unknown] = (int) (x.size() / known);
      known = x.size();
    }
    if (known != x.size()) {
      throw new ShapeException("reshape: shape " + x.shape() + " has " + x.size() + " elements, which do not fill "
          + Arrays.toString(dims));
    }
    return Shape.of(d);
  }

  /** In x's format, so that it meets other gradients of x without further copies. */
  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {gy.contiguous().viewAs(from).to(format)};
  }
}
