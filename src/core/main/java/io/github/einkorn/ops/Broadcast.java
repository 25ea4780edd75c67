package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.Arrays;

/** Element-wise kernels of two operands, stretched to a common shape as in NumPy, and the gradient of stretching. */
public final class Broadcast {
  private static final long[] DENSE = {1};

  private Broadcast() {}

  /** z[i] = x[i . xs] (op) y[i . ys]. */
  public interface Kernel {
    int run(int ndim, long[] dims, long[] xs, long[] ys, long x, long y, long z);
  }

  static Tensor floats(String op, Kernel kernel, Tensor x, Tensor y) {
    Check.floats(op, x);
    Check.floats(op, y);
    Shape shape = shape(op, x, y);
    Tensor z = Tensor.empty(DType.FLOAT32, format(x, y, shape), shape);
    run(kernel, x, y, z);
    return z;
  }

  static Shape shape(String op, Tensor x, Tensor y) {
    try {
      return Shape.broadcast(x.shape(), y.shape());
    } catch (ShapeException e) {
      throw new ShapeException(op + ": " + e.getMessage());
    }
  }

  /** The format of the operand that fills the result, the first one if both do. */
  static Format format(Tensor x, Tensor y, Shape z) {
    if (x.shape().equals(z)) return x.format();
    if (y.shape().equals(z)) return y.format();
    boolean last = x.format() == Format.CHANNELS_LAST || y.format() == Format.CHANNELS_LAST;
    return last && z.rank() == 4 ? Format.CHANNELS_LAST : Format.CONTIGUOUS;
  }

  /** Fills z; z may be x. */
  public static void run(Kernel kernel, Tensor x, Tensor y, Tensor z) {
    if (x.shape().equals(y.shape()) && x.format() == z.format()) {
      Tensor same = y.to(x.format());
      Native.check(kernel.run(1, new long[] {z.size()}, DENSE, DENSE, x.address(), same.address(), z.address()));
      Layout.free(same, y);
    } else {
      int[] order = Layout.order(z.rank(), z.format());
      long[] xs = Layout.inOrder(Layout.stretched(x, z.shape()), order);
      long[] ys = Layout.inOrder(Layout.stretched(y, z.shape()), order);
      long[] dims = Layout.inOrder(Layout.dims(z.shape()), order);
      Native.check(kernel.run(dims.length, dims, xs, ys, x.address(), y.address(), z.address()));
    }
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(z);
  }

  /** The gradient of an operand of a shape: g summed over the dimensions in which the operand was stretched. */
  static Tensor reduce(Tensor g, Shape shape) {
    if (g.shape().equals(shape)) return g;
    int skip = g.rank() - shape.rank();
    int[] dims = new int[g.rank()];
    int n = 0;
    for (int i = 0; i < g.rank(); i++) {
      if (i < skip || shape.dim(i - skip) == 1 && g.dim(i) > 1) dims[n++] = i;
    }
    return n == 0 ? g.reshape(shape.dims()) : g.sum(true, Arrays.copyOf(dims, n)).reshape(shape.dims());
  }
}
