package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;

/** y[i[dims[0]], i[dims[1]], …] = x[i]. Keeps dims: gx is gy permuted back. */
public record Permute(int[] dims) implements Op {
  public static Tensor apply(Tensor x, int... dims) {
    int[] axes = check(x, dims);
    return Graph.record(new Permute(axes), permuted(x, axes), in -> apply(in[0], axes), x);
  }

  /** A view where the elements already lie in the order of a format, as from NHWC images to channels-last ones. */
  private static Tensor permuted(Tensor x, int[] axes) {
    int[] d = new int[axes.length];
    long[] from = Layout.strides(x), xs = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      d[i] = x.dim(axes[i]);
      xs[i] = from[axes[i]];
    }
    Shape to = Shape.of(d);
    for (Format f : Format.values()) {
      if ((f == Format.CONTIGUOUS || to.rank() == 4) && agree(to, xs, Layout.strides(to, f))) return x.viewAs(to, f);
    }
    Tensor y = Tensor.empty(x.dtype(), Format.CONTIGUOUS, to);
    Layout.copy(to, x, 0, xs, y, 0, Layout.strides(y));
    return y;
  }

  private static boolean agree(Shape s, long[] a, long[] b) {
    for (int i = 0; i < a.length; i++) if (a[i] != b[i] && s.dim(i) > 1) return false;
    return true;
  }

  private static int[] check(Tensor x, int[] dims) {
    int[] axes = new int[x.rank()];
    boolean[] seen = new boolean[x.rank()];
    boolean ok = dims.length == x.rank();
    for (int i = 0; ok && i < dims.length; i++) {
      axes[i] = Check.axis("permute", x, dims[i]);
      ok = !seen[axes[i]];
      seen[axes[i]] = true;
    }
    if (!ok) {
      throw new ShapeException("permute: " + Arrays.toString(dims) + " does not name each dimension of shape "
          + x.shape() + " once");
    }
    return axes;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    int[] back = new int[dims.length];
    for (int i = 0; i < dims.length; i++) back[dims[i]] = i;
    return new Tensor[] {permuted(gy, back)};
  }
}
