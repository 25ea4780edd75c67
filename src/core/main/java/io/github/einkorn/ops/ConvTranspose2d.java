package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_conv2d;
import static io.github.einkorn.global.einkorn.ek_conv2d_grad_input;
import static io.github.einkorn.global.einkorn.ek_conv2d_grad_weight;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;
import io.github.einkorn.nn.Window;

/**
 * y[n,o,i s + k d - p, j s + l d - p] += w[c,o,k,l] x[n,c,i,j], plus b[o], for x (N, C, H, W), w (C, O / groups, kh,
 * kw) and b (O) or null: the input gradient of the convolution that has w and output x, whose gradients are that
 * convolution and its weight gradient. Keeps x channels-last and w; shape is an ek_conv2d_shape, of y to x.
 */
public record ConvTranspose2d(Tensor x, Tensor w, boolean needsX, boolean needsW, boolean bias, int[] shape)
    implements Op {
  public static Tensor apply(Tensor x, Tensor w, Tensor b, Window window, int moreHeight, int moreWidth, int groups) {
    int[] shape = check(x, w, b, window, moreHeight, moreWidth, groups);
    Tensor xc = x.channelsLast(), wc = w.contiguous();
    Tensor y = images(shape[1], shape[2], shape[3], shape);
    Native.run(() -> ek_conv2d_grad_input(shape, xc.address(), wc.address(), wc.packedStamp(), 0, y.address()));
    if (b != null) {
      Tensor channels = b.viewAs(Shape.of(1, shape[1], 1, 1));
      Broadcast.run(einkorn::ek_add, y, channels, y);
      channels.close();
    }
    return Graph.record(new ConvTranspose2d(xc, wc, x.requiresGrad(), w.requiresGrad(), b != null, shape), y,
        in -> apply(in[0], in[1], in[2], window, moreHeight, moreWidth, groups), x, w, b);
  }

  private static Tensor images(int channels, int height, int width, int[] shape) {
    return Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, Shape.of(shape[0], channels, height, width));
  }

  private static int[] check(Tensor x, Tensor w, Tensor b, Window window, int moreHeight, int moreWidth, int groups) {
    String op = "convTranspose2d";
    Check.floats(op, x);
    Check.floats(op, w);
    Check.rank(op, x, 4, "(N, C, H, W)");
    Check.rank(op, w, 4, "a weight (in, out / groups, height, width)");
    Window.Axis h = window.height(), v = window.width();
    int c = w.dim(0);
    if (groups < 1 || c % groups != 0) {
      throw new ShapeException(op + ": " + groups + " groups do not divide " + c + " input channels");
    }
    if (x.dim(1) != c) {
      throw new ShapeException(op + ": expected " + c + " input channels, got " + x.dim(1) + " in shape " + x.shape());
    }
    if (w.dim(2) != h.kernel() || w.dim(3) != v.kernel()) {
      throw new ShapeException(op + ": a weight of shape " + w.shape() + " for a window of " + h.kernel() + "x"
          + v.kernel());
    }
    long o = (long) w.dim(1) * groups;
    if (o > Integer.MAX_VALUE) throw new ShapeException(op + ": " + o + " output channels are too many");
    Check.bias(op, b, o);
    try {
      int oh = h.in(x.dim(2), moreHeight), ow = v.in(x.dim(3), moreWidth);
      return new int[] {
        x.dim(0), (int) o, oh, ow, c, h.kernel(), v.kernel(), h.stride(), v.stride(), h.dilation(), v.dilation(),
        h.before(oh), v.before(ow), h.after(oh), v.after(ow), groups
      };
    } catch (ShapeException e) {
      throw new ShapeException(op + ": " + e.getMessage() + ", for shape " + x.shape());
    }
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast();
    Tensor gx = needsX ? images(x.dim(1), x.dim(2), x.dim(3), shape) : null;
    Tensor gw = needsW ? Tensor.empty(w.shape()) : null;
    if (needsX) Native.run(() -> ek_conv2d(shape, g.address(), w.address(), w.packedStamp(), 0, 0, gx.address()));
    if (needsW) Native.run(() -> ek_conv2d_grad_weight(shape, g.address(), x.address(), gw.address(), 0));
    Tensor gb = bias ? Sum.rows(g, shape[1]) : null;
    return new Tensor[] {gx, gw, gb};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x, w};
  }
}
