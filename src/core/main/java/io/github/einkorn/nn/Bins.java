package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Pieces;
import io.github.einkorn.ops.Select2d;
import java.util.Arrays;

/**
 * The windows of adaptive pooling in one direction: the i-th of n is {@code floor(i in / n) … ceil((i + 1) in / n) -
 * 1}, as in PyTorch. Where they differ in size or overlap, their pixels are laid side by side, each window filled up to
 * the size of the largest, and pooled by windows that do not overlap.
 */
final class Bins {
  private final int in;
  private final int[] starts;
  private final int[] sizes;
  private final int largest;

  private Bins(int in, int n) {
    this.in = in;
    starts = new int[n];
    sizes = new int[n];
    for (int i = 0; i < n; i++) {
      starts[i] = (int) ((long) i * in / n);
      sizes[i] = (int) (((i + 1L) * in + n - 1) / n) - starts[i];
    }
    largest = Arrays.stream(sizes).max().orElseThrow();
  }

  static Tensor averages(Tensor x, int height, int width) {
    check("adaptiveAvgPool2d", x, height, width);
    if (height == 1 && width == 1) return Functional.globalAvgPool2d(x);
    Window even = even(x, height, width);
    if (even != null) return Functional.avgPool2d(x, even, true);
    Bins rows = new Bins(x.dim(2), height), columns = new Bins(x.dim(3), width);
    Tensor zeros = x.pad2d(0, 0, 1, 1, 0); // a row and a column of them, with which windows are filled up
    Tensor sideBySide = Select2d.apply(zeros, rows.places(false), columns.places(false));
    double full = (double) rows.largest * columns.largest;
    Tensor factors = Pieces.floats(Shape.of(1, 1, height, width), width,
        (i, j) -> full / rows.sizes[(int) i] / columns.sizes[(int) j]);
    return Functional.avgPool2d(sideBySide, Window.of(rows.largest, columns.largest), true).mul(factors);
  }

  static Tensor maxima(Tensor x, int height, int width) {
    check("adaptiveMaxPool2d", x, height, width);
    Window even = even(x, height, width);
    if (even != null) return Functional.maxPool2d(x, even);
    Bins rows = new Bins(x.dim(2), height), columns = new Bins(x.dim(3), width);
    Tensor sideBySide = Select2d.apply(x, rows.places(true), columns.places(true));
    return Functional.maxPool2d(sideBySide, Window.of(rows.largest, columns.largest));
  }

  private static void check(String op, Tensor x, int height, int width) {
    if (Math.min(height, width) < 1) {
      throw new ShapeException(op + ": the output must be at least 1x1, got " + height + "x" + width);
    }
    if (x.rank() != 4) throw new ShapeException(op + ": expected (N, C, H, W), got shape " + x.shape());
    Select2d.checkSize(op, height, width);
  }

  /** The window of a pooling that does the same, if the sizes divide evenly. */
  private static Window even(Tensor x, int height, int width) {
    boolean even = x.dim(2) % height == 0 && x.dim(3) % width == 0;
    return even ? Window.of(x.dim(2) / height, x.dim(3) / width) : null;
  }

  /** The pixels of all windows, filled up by their last one, or by the one behind all. */
  private int[] places(boolean last) {
    int[] all = new int[Math.multiplyExact(starts.length, largest)];
    for (int i = 0; i < starts.length; i++) {
      for (int k = 0; k < largest; k++) {
        int filling = last ? starts[i] + sizes[i] - 1 : in;
        all[i * largest + k] = k < sizes[i] ? starts[i] + k : filling;
      }
    }
    return all;
  }
}
