package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import java.util.function.UnaryOperator;

/** One dimension as images of one row: (N, C, L) as (N, C, 1, L), and (C, L) as (C, 1, L). */
final class Line {
  private Line() {}

  static Tensor conv(Tensor x, Tensor w, Tensor b, Window window, int groups, Activation activation) {
    Window row = window.row().convolution();
    Check.rank("conv1d", w, 3, "a weight (out, in / groups, length)");
    return run("conv1d", x, row, image -> {
      long channels = (long) w.dim(1) * groups;
      if (x.dim(-2) != channels) {
        throw new ShapeException("conv1d: expected " + channels + " input channels, got " + x.dim(-2) + " in shape "
            + x.shape());
      }
      if (w.dim(2) != row.width().kernel()) {
        throw new ShapeException("conv1d: a weight of shape " + w.shape() + " for a window of " + row.width().kernel());
      }
      if (b != null && !b.shape().equals(Shape.of(w.dim(0)))) {
        throw new ShapeException("conv1d: expected a bias (" + w.dim(0) + "), got shape " + b.shape());
      }
      return Functional.conv2d(image, w.unsqueeze(2), b, row, groups, activation);
    });
  }

  /** Applies an operation on images, whose window fits. */
  static Tensor run(String op, Tensor x, Window row, UnaryOperator<Tensor> images) {
    Check.floats(op, x);
    if (x.rank() != 2 && x.rank() != 3) {
      throw new ShapeException(op + ": expected (N, C, L) or (C, L), got shape " + x.shape());
    }
    try {
      row.width().out(x.dim(-1));
    } catch (ShapeException e) {
      throw new ShapeException(op + ": " + e.getMessage() + ", in shape " + x.shape());
    }
    int height = x.rank() - 1;
    return images.apply(x.unsqueeze(height)).squeeze(height);
  }

  /** A row's window as PyTorch prints it: {@code kernel_size=(3,), stride=(1,), padding=(1,)}. */
  static String text(Window row) {
    return row.toString().replaceAll("\\(\\d+, (\\d+)\\)", "($1,)")
        .replaceAll("\\(0, (\\d+), 0, (\\d+)\\)", "($1, $2)");
  }
}
