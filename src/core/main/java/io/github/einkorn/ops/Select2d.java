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
import java.lang.ref.Reference;

/**
 * y[n,c,i,j] = x[n,c,rows[i],columns[j]]. Keeps which they are: gx is the sum of gy over the places that read x. A
 * pixel is one row of the kernels that gather rows, image by image.
 */
public record Select2d(Shape shape, int[] rows, int[] columns) implements Op {
  public static Tensor apply(Tensor x, int[] rows, int[] columns) {
    Check.floats("select2d", x);
    Check.rank("select2d", x, 4, "(N, C, H, W)");
    checkSize("select2d", rows.length, columns.length);
    check(rows, x.dim(2), "row");
    check(columns, x.dim(3), "column");
    Tensor c = x.channelsLast();
    Tensor y = read(c, rows, columns);
    Layout.free(c, x);
    return Graph.record(new Select2d(x.shape(), rows, columns), y, in -> apply(in[0], rows, columns), x);
  }

  /** Throws ShapeException if the places of an image are more than 2^31 - 9. */
  public static void checkSize(String op, int height, int width) {
    if ((long) height * width > Integer.MAX_VALUE - 8) {
      throw new ShapeException(op + ": an image of " + height + "x" + width + " is too large");
    }
  }

  private static void check(int[] places, int extent, String what) {
    for (int p : places) {
      if (p < 0 || p >= extent) throw new ShapeException("select2d: there is no " + what + " " + p + " of " + extent);
    }
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {sum(gy.channelsLast(), shape, rows, columns)};
  }

  /** The places of x, which is channels-last; not recorded. */
  private static Tensor read(Tensor x, int[] rows, int[] columns) {
    Tensor y = Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST,
        Shape.of(x.dim(0), x.dim(1), rows.length, columns.length));
    long c = x.dim(1), from = pixels(x), to = pixels(y);
    try (Tensor index = index(x.dim(3), rows, columns)) {
      for (int n = 0; n < x.dim(0); n++) {
        Native.check(ek_gather_rows(x.address() + n * from * c * 4, from, c * 4, index.address(), to,
            y.address() + n * to * c * 4));
      }
    }
    Reference.reachabilityFence(x);
    return y;
  }

  /** The gradient of x of a shape, for g of y, which is channels-last. */
  private static Tensor sum(Tensor g, Shape shape, int[] rows, int[] columns) {
    Tensor gx = Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, shape);
    long c = shape.dim(1), from = pixels(g), to = pixels(gx);
    try (Tensor index = index(shape.dim(3), rows, columns)) {
      for (int n = 0; n < shape.dim(0); n++) {
        Native.check(ek_gather_rows_grad(g.address() + n * from * c * 4, index.address(), from, c,
            gx.address() + n * to * c * 4, to));
      }
    }
    Reference.reachabilityFence(g);
    return gx;
  }

  private static long pixels(Tensor x) {
    return (long) x.dim(2) * x.dim(3);
  }

  private static Tensor index(int width, int[] rows, int[] columns) {
    return Pieces.longs(Shape.of(rows.length, columns.length), columns.length,
        (i, j) -> (long) rows[(int) i] * width + columns[(int) j]);
  }
}
