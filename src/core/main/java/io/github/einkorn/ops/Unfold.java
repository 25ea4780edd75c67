package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_fold;
import static io.github.einkorn.global.einkorn.ek_unfold;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/**
 * y[n, (c,i,j), (p,q)] = x[n, c, p s + i d - pad, q s + j d - pad]: the windows of images as columns. Keeps the shape,
 * an ek_pool2d_shape: its gradient is {@link Fold}.
 */
public record Unfold(int[] shape) implements Op {
  public static Tensor apply(Tensor x, Window window) {
    Check.floats("unfold", x);
    Check.rank("unfold", x, 4, "(N, C, H, W)");
    int[] shape = shape("unfold", x.shape(), window);
    Tensor c = x.contiguous();
    Tensor y = columns(c, shape);
    Layout.free(c, x);
    return Graph.record(new Unfold(shape), y, in -> apply(in[0], window), x);
  }

  /** Images (N, C, H, W) and their windows as an ek_pool2d_shape. */
  static int[] shape(String op, Shape images, Window window) {
    Window.Axis h = window.height(), w = window.width();
    int ih = images.dim(2), iw = images.dim(3);
    try {
      return new int[] {
        images.dim(0), images.dim(1), ih, iw, h.kernel(), w.kernel(), h.stride(), w.stride(), h.dilation(),
        w.dilation(), h.before(ih), w.before(iw), h.out(ih), w.out(iw), h.after(ih), w.after(iw), 0
      };
    } catch (ShapeException e) {
      throw new ShapeException(op + ": " + e.getMessage() + ", in shape " + images);
    }
  }

  /** (N, C kh kw, oh ow). */
  static Shape columnsOf(int[] shape) {
    long rows = (long) shape[1] * shape[4] * shape[5], places = (long) shape[12] * shape[13];
    if (Math.max(rows, places) > Integer.MAX_VALUE) {
      throw new ShapeException("unfold: " + rows + " x " + places + " columns are too many");
    }
    return Shape.of(shape[0], (int) rows, (int) places);
  }

  /** Of contiguous images. */
  static Tensor columns(Tensor images, int[] shape) {
    Tensor y = Tensor.empty(columnsOf(shape));
    Native.check(ek_unfold(shape, images.address(), y.address()));
    return y;
  }

  /** The images whose windows are these contiguous columns, summed where they overlap. */
  static Tensor images(Tensor columns, int[] shape) {
    Tensor x = Tensor.empty(Shape.of(shape[0], shape[1], shape[2], shape[3]));
    Native.check(ek_fold(shape, columns.address(), x.address()));
    return x;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {images(gy, shape)};
  }
}
