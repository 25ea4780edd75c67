package io.github.einkorn.ops;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/** What both poolings share: their arguments checked, as an ek_pool2d_shape. */
final class Pool {
  private Pool() {}

  static int[] shape(String op, Tensor x, Window window, boolean countPad) {
    Check.floats(op, x);
    Check.rank(op, x, 4, "(N, C, H, W)");
    return shape(op, x.shape(), window, countPad);
  }

  static int[] shape(String op, Shape x, Window window, boolean countPad) {
    Window.Axis h = window.height(), w = window.width();
    int ih = x.dim(2), iw = x.dim(3);
    try {
      check(h, ih);
      check(w, iw);
      return new int[] {
        x.dim(0), x.dim(1), ih, iw, h.kernel(), w.kernel(), h.stride(), w.stride(), h.dilation(), w.dilation(),
        h.before(ih), w.before(iw), h.out(ih), w.out(iw), h.after(ih), w.after(iw), countPad ? 1 : 0
      };
    } catch (ShapeException e) {
      throw new ShapeException(op + ": " + e.getMessage() + ", in shape " + x);
    }
  }

  /** Positions of the largest are held as floats on the way. */
  static void checkTaps(String op, Window window) {
    long taps = (long) window.height().kernel() * window.width().kernel();
    if (taps > 1 << 24) throw new ShapeException(op + ": a window of " + taps + " elements, more than 2^24");
  }

  /** Every window must reach over the padding; the taps of a dilated one may still see nothing else. */
  private static void check(Window.Axis a, int in) {
    int pad = Math.max(a.before(in), a.after(in));
    if (pad >= a.span()) throw new ShapeException("a padding of " + pad + " hides a window of " + a.span());
  }

  static Tensor output(int[] shape) {
    return Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, outputShape(shape));
  }

  static Shape outputShape(int[] shape) {
    return Shape.of(shape[0], shape[1], shape[12], shape[13]);
  }

  static Tensor input(int[] shape) {
    return Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, Shape.of(shape[0], shape[1], shape[2], shape[3]));
  }
}
