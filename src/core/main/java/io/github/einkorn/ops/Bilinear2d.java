package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_bilinear2d;
import static io.github.einkorn.global.einkorn.ek_bilinear2d_grad;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y = x between its pixels: the four that a place lies between, weighted by how near they are. Keeps which and how
 * near: gx is gy, weighted alike, summed where it was read.
 */
public record Bilinear2d(Shape shape, Between rows, Between columns) implements Op {
  /** For each place of an output the places low and high of the input that it lies between: (1 - t) low + t high. */
  public record Between(long[] low, long[] high, double[] t) {
    /** Throws IllegalArgumentException unless the three are as long. */
    public Between {
      if (low.length != t.length || high.length != t.length) {
        throw new IllegalArgumentException("bilinear2d: expected as many places low and high as there are weights, got "
            + low.length + ", " + high.length + " and " + t.length);
      }
    }

    /** Of a direction with places at {@code step (i + 0.5) - 0.5}, or, with aligned corners, {@code step i}. */
    public static Between of(int in, int out, double step, boolean alignCorners) {
      var b = new Between(new long[out], new long[out], new double[out]);
      for (int i = 0; i < out; i++) {
        double at = alignCorners ? i * step : Math.max(step * (i + 0.5) - 0.5, 0);
        b.low[i] = (int) Math.min(at, in - 1);
        b.high[i] = Math.min(b.low[i] + 1, in - 1);
        b.t[i] = Math.min(at - b.low[i], 1);
      }
      return b;
    }

    private int size() {
      return t.length;
    }
  }

  /** Throws IllegalArgumentException if there is no such place in x. */
  public static Tensor apply(Tensor x, Between rows, Between columns) {
    Check.floats("bilinear2d", x);
    Check.rank("bilinear2d", x, 4, "(N, C, H, W)");
    Tensor y = channelsLast(Shape.of(x.dim(0), x.dim(1), rows.size(), columns.size()));
    Tensor c = x.channelsLast();
    Native.run(() -> ek_bilinear2d(x.dim(0), x.dim(2), x.dim(3), x.dim(1), rows.size(), columns.size(), rows.low,
        rows.high, rows.t, columns.low, columns.high, columns.t, c.address(), y.address()));
    Layout.free(c, x);
    return Graph.record(new Bilinear2d(x.shape(), rows, columns), y, in -> apply(in[0], rows, columns), x);
  }

  private static Tensor channelsLast(Shape shape) {
    return Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, shape);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast(), gx = channelsLast(shape);
    Native.run(() -> ek_bilinear2d_grad(shape.dim(0), shape.dim(2), shape.dim(3), shape.dim(1), rows.size(),
        columns.size(), rows.low, rows.high, rows.t, columns.low, columns.high, columns.t, g.address(),
        gx.address()));
    return new Tensor[] {gx};
  }
}
