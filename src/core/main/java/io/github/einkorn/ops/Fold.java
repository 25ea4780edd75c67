package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/**
 * x[n, c, p s + i d - pad, q s + j d - pad] = Σ y[n, (c,i,j), (p,q)]: images from the columns of their windows, added
 * up where these overlap. Keeps the shape, an ek_pool2d_shape: its gradient is {@link Unfold}, whose adjoint it is.
 */
public record Fold(int[] shape) implements Op {
  public static Tensor apply(Tensor columns, int height, int width, Window window) {
    Check.floats("fold", columns);
    Check.rank("fold", columns, 3, "(N, C · kernel height · kernel width, places)");
    long taps = (long) window.height().kernel() * window.width().kernel();
    int rows = columns.dim(1);
    if (rows % taps != 0) {
      throw new ShapeException("fold: expected a multiple of " + taps + " rows, the taps of a window, got " + rows
          + " in shape " + columns.shape());
    }
    int[] shape = Unfold.shape("fold", Shape.of(columns.dim(0), (int) (rows / taps), height, width), window);
    Shape expected = Unfold.columnsOf(shape);
    if (!columns.shape().equals(expected)) {
      throw new ShapeException("fold: expected shape " + expected + " for images of " + height + " x " + width
          + ", got " + columns.shape());
    }
    Tensor x = Unfold.images(columns, shape);
    return Graph.record(new Fold(shape), x, in -> apply(in[0], height, width, window), columns);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {Unfold.columns(gy.contiguous(), shape)};
  }
}
