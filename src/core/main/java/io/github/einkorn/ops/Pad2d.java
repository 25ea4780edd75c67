package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** y = x inside a border of a number, in the last two dimensions. Keeps where: gx is cut out of gy. */
public record Pad2d(Shape shape, Format format, int top, int left) implements Op {
  public static Tensor apply(Tensor x, int top, int left, int bottom, int right, double value) {
    Check.floats("pad2d", x);
    if (x.rank() < 2) throw new ShapeException("pad2d: expected (…, H, W), got shape " + x.shape());
    if (Math.min(Math.min(top, left), Math.min(bottom, right)) < 0) {
      throw new ShapeException("pad2d: the border must not be negative, got top " + top + ", left " + left + ", bottom "
          + bottom + ", right " + right);
    }
    Shape to = x.shape().with(-2, padded(x.dim(-2), top, bottom)).with(-1, padded(x.dim(-1), left, right));
    Tensor y = Tensor.empty(x.dtype(), x.format(), to).fillInPlace(value);
    Layout.paste(x, y, from(y, top, left));
    return Graph.record(new Pad2d(x.shape(), x.format(), top, left), y,
        in -> apply(in[0], top, left, bottom, right, value), x);
  }

  private static int padded(int extent, int before, int after) {
    long all = (long) extent + before + after;
    if (all > Integer.MAX_VALUE) throw new ShapeException("pad2d: an extent of " + all + " is too large");
    return (int) all;
  }

  private static long from(Tensor y, int top, int left) {
    long[] strides = Layout.strides(y);
    return top * strides[y.rank() - 2] + left * strides[y.rank() - 1];
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.to(format);
    return new Tensor[] {Layout.cut(g, from(g, top, left), shape)};
  }
}
