package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = x between its pixels: the four that a place lies between, weighted by how near they are. Keeps which and how
 * near: gx is gy, weighted alike, summed where it was read.
 */
public record Bilinear2d(Shape shape, Between rows, Between columns) implements Op {
  /** For each place of an output the places low and high of the input that it lies between: (1 - t) low + t high. */
  public record Between(int[] low, int[] high, double[] t) {
    /** Of a direction with places at {@code step (i + 0.5) - 0.5}, or, with aligned corners, {@code step i}. */
    public static Between of(int in, int out, double step, boolean alignCorners) {
      var b = new Between(new int[out], new int[out], new double[out]);
      for (int i = 0; i < out; i++) {
        double at = alignCorners ? i * step : Math.max(step * (i + 0.5) - 0.5, 0);
        b.low[i] = (int) Math.min(at, in - 1);
        b.high[i] = Math.min(b.low[i] + 1, in - 1);
        b.t[i] = Math.min(at - b.low[i], 1);
      }
      return b;
    }

    private int[] places(boolean far) {
      return far ? high : low;
    }

    private double weight(int i, boolean far) {
      return far ? t[i] : 1 - t[i];
    }
  }

  private static final boolean[] NEAR_AND_FAR = {false, true};

  public static Tensor apply(Tensor x, Between rows, Between columns) {
    Check.floats("bilinear2d", x);
    Check.rank("bilinear2d", x, 4, "(N, C, H, W)");
    if (max(rows.high) >= x.dim(2) || max(columns.high) >= x.dim(3)) {
      throw new ShapeException("bilinear2d: places beyond those of shape " + x.shape());
    }
    Tensor c = x.channelsLast();
    Tensor y = null;
    for (boolean down : NEAR_AND_FAR) {
      for (boolean right : NEAR_AND_FAR) {
        try (Tensor weights = weights(rows, down, columns, right)) {
          Tensor part = Select2d.read(c, rows.places(down), columns.places(right)).mulInPlace(weights);
          y = add(y, part);
        }
      }
    }
    Layout.free(c, x);
    return Graph.record(new Bilinear2d(x.shape(), rows, columns), y, in -> apply(in[0], rows, columns), x);
  }

  private static int max(int[] places) {
    int max = 0;
    for (int p : places) max = Math.max(max, p);
    return max;
  }

  private static Tensor weights(Between rows, boolean down, Between columns, boolean right) {
    return Pieces.floats(Shape.of(1, 1, rows.t.length, columns.t.length), columns.t.length,
        (i, j) -> rows.weight((int) i, down) * columns.weight((int) j, right));
  }

  private static Tensor add(Tensor sum, Tensor part) {
    if (sum == null) return part;
    sum.addInPlace(part);
    part.close();
    return sum;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast(), gx = null;
    for (boolean down : NEAR_AND_FAR) {
      for (boolean right : NEAR_AND_FAR) {
        try (Tensor weights = weights(rows, down, columns, right); Tensor part = g.mul(weights)) {
          gx = add(gx, Select2d.sum(part, shape, rows.places(down), columns.places(right)));
        }
      }
    }
    return new Tensor[] {gx};
  }
}
