package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_sum;
import static io.github.einkorn.global.einkorn.ek_sum_long;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;

/** y = scale Σ x over some dimensions: sum and mean. Keeps shapes: gx = scale gy, stretched. */
public record Sum(Shape shape, Format format, Shape kept, float scale) implements Op {
  /** The sum over dimensions, over all if none are given; integers and bools sum to int64. */
  public static Tensor sum(Tensor x, boolean keepDim, int... dims) {
    return apply(x, axes("sum", x, dims), false, keepDim);
  }

  /** The mean over dimensions, over all if none are given; that of integers and bools is a float too. */
  public static Tensor mean(Tensor x, boolean keepDim, int... dims) {
    boolean[] over = axes("mean", x, dims);
    if (x.dtype() == DType.FLOAT32) return apply(x, over, true, keepDim);
    Tensor sum = apply(x, over, false, keepDim);
    return sum.to(DType.FLOAT32).div(x.size() / sum.size());
  }

  /** The sum (columns) of the rows that lie in memory one after the other: the gradient of a bias. */
  static Tensor rows(Tensor x, int columns) {
    Tensor y = Tensor.empty(Shape.of(columns));
    Native.check(ek_sum(1, x.size() / Math.max(columns, 1), columns, x.address(), 1, y.address()));
    return y;
  }

  private static Tensor apply(Tensor x, boolean[] over, boolean mean, boolean keepDim) {
    int[] kept = x.shape().dims();
    int[] left = new int[kept.length];
    int n = 0;
    for (int i = 0; i < kept.length; i++) {
      if (over[i]) kept[i] = 1;
      else left[n++] = kept[i];
    }
    Shape keptShape = Shape.of(kept);
    float scale = mean ? (float) (1.0 * keptShape.size() / x.size()) : 1;
    Tensor y = reduce(x, over, x.size() / keptShape.size(), scale);
    if (!keepDim) {
      Tensor c = y.contiguous();
      Layout.free(y, c);
      y = c.viewAs(Shape.of(Arrays.copyOf(left, n)));
      c.close();
    }
    return Graph.record(new Sum(x.shape(), x.format(), keptShape, scale), y,
        in -> apply(in[0], over, mean, keepDim), x);
  }

  /** One pass for each run of neighbouring dimensions in memory, the innermost run first. */
  private static Tensor reduce(Tensor x, boolean[] over, long count, float scale) {
    int[] order = Layout.order(x.rank(), x.format());
    int[] dims = x.shape().dims();
    DType sum = x.dtype() == DType.FLOAT32 ? DType.FLOAT32 : DType.INT64;
    Tensor y = x;
    long inner = 1, done = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      long n = 1;
      for (; i >= 0 && (over[order[i]] || dims[order[i]] == 1); i--) {
        n *= dims[order[i]];
        dims[order[i]] = 1;
      }
      if (n > 1) {
        done *= n;
        y = pass(y, sum, y.size() / n / inner, n, inner, done == count ? scale : 1, Shape.of(dims), x);
      }
      if (i >= 0) inner *= dims[order[i]];
    }
    return y == x ? pass(x, sum, x.size(), 1, 1, scale, x.shape(), x) : y;
  }

  private static Tensor pass(Tensor x, DType sum, long outer, long n, long inner, float scale, Shape to, Tensor given) {
    Tensor y = Tensor.empty(sum, x.format(), to);
    Native.check(sum == DType.FLOAT32
        ? ek_sum(outer, n, inner, x.address(), scale, y.address())
        : ek_sum_long(x.dtype().ordinal(), outer, n, inner, x.address(), y.address()));
    Layout.free(x, given);
    return y;
  }

  private static boolean[] axes(String op, Tensor x, int... dims) {
    boolean[] over = new boolean[x.rank()];
    if (dims.length == 0) Arrays.fill(over, true);
    for (int d : dims) {
      int axis = Check.axis(op, x, d);
      if (over[axis]) throw new ShapeException(op + ": dimension " + d + " appears twice in " + Arrays.toString(dims));
      over[axis] = true;
    }
    return over;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous().viewAs(kept);
    Tensor gx = Tensor.empty(DType.FLOAT32, format, shape);
    Layout.copyStretched(scale == 1 ? g : g.mul(scale), gx);
    return new Tensor[] {gx};
  }
}
