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
import io.github.einkorn.nn.Window;

/**
 * y[n,o,i,j] = b[o] + Σ w[o,c,k,l] x[n,c, i s + k d - p, j s + l d - p], for x (N, C, H, W), w (O, C / groups, kh, kw)
 * and b (O) or null; or a rectifier of it. Keeps x channels-last and w, and y where there is one, else null; shape is
 * an ek_conv2d_shape.
 */
public record Conv2d(Tensor x, Tensor w, Tensor y, Activation activation, boolean needsX, boolean needsW, boolean bias,
    int[] shape) implements Op {
  private record Again(Window window, int groups, Activation activation) implements Activated {
    @Override
    public Again with(Activation wanted) {
      return new Again(window, groups, wanted);
    }

    @Override
    public Tensor run(Tensor... in) {
      return apply(in[0], in[1], in[2], window, groups, activation);
    }
  }

  public static Tensor apply(Tensor x, Tensor w, Tensor b, Window window, int groups, Activation activation) {
    int[] shape = check(x, w, b, window, groups);
    Tensor xc = x.channelsLast(), wc = w.contiguous();
    int oh = window.height().out(x.dim(2)), ow = window.width().out(x.dim(3));
    Tensor y = Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, Shape.of(x.dim(0), w.dim(0), oh, ow));
    Native.run(() -> ek_conv2d(shape, xc.address(), wc.address(), wc.packedStamp(), Native.address(b),
        activation.ordinal(), y.address()));
    Tensor kept = activation == Activation.IDENTITY ? null : y;
    return Graph.record(new Conv2d(xc, wc, kept, activation, x.requiresGrad(), w.requiresGrad(), b != null, shape), y,
        new Again(window, groups, activation), x, w, b);
  }

  /** The shape for the native library, once the operands are seen to fit. */
  static int[] check(Tensor x, Tensor w, Tensor b, Window window, int groups) {
    Check.floats("conv2d", x);
    Check.floats("conv2d", w);
    Check.rank("conv2d", x, 4, "(N, C, H, W)");
    Check.rank("conv2d", w, 4, "a weight (out, in / groups, height, width)");
    Window.Axis h = window.height(), v = window.width();
    int o = w.dim(0);
    long c = (long) w.dim(1) * groups;
    if (groups < 1 || o % groups != 0) {
      throw new ShapeException("conv2d: " + groups + " groups do not divide " + o + " output channels");
    }
    if (x.dim(1) != c) {
      throw new ShapeException("conv2d: expected " + c + " input channels, got " + x.dim(1) + " in shape " + x.shape());
    }
    if (w.dim(2) != h.kernel() || w.dim(3) != v.kernel()) {
      throw new ShapeException("conv2d: a weight of shape " + w.shape() + " for a window of " + h.kernel() + "x"
          + v.kernel());
    }
    Check.bias("conv2d", b, o);
    int ih = x.dim(2), iw = x.dim(3);
    try {
      h.out(ih);
      v.out(iw);
    } catch (ShapeException e) {
      throw new ShapeException("conv2d: " + e.getMessage() + ", in shape " + x.shape());
    }
    return new int[] {
      x.dim(0), x.dim(1), ih, iw, o, h.kernel(), v.kernel(), h.stride(), v.stride(), h.dilation(), v.dilation(),
      h.before(ih), v.before(iw), h.after(ih), v.after(iw), groups
    };
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return backward(gy, null);
  }

  @Override
  public Tensor[] backward(Tensor gy, Tensor there) {
    Tensor g = y == null ? gy.channelsLast() : activation.gradient(y, gy);
    Tensor gx = needsX ? gradientOfX(g, there) : null;
    Tensor gw = needsW ? Tensor.empty(w.shape()) : null;
    if (!needsW) return new Tensor[] {gx, null, bias ? Sum.rows(g, w.dim(0)) : null};
    Tensor gb = bias ? Tensor.empty(Shape.of(w.dim(0))) : null;
    Native.run(() -> ek_conv2d_grad_weight(shape, x.address(), g.address(), gw.address(), Native.address(gb)));
    return new Tensor[] {gx, gw, gb};
  }

  private Tensor gradientOfX(Tensor g, Tensor there) {
    if (there != null && there.isChannelsLast()) {
      Native.check(ek_conv2d_grad_input(shape, g.address(), w.address(), w.packedStamp(), 1, there.address()));
      return there;
    }
    Tensor gx = Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, x.shape());
    Native.run(() -> ek_conv2d_grad_input(shape, g.address(), w.address(), w.packedStamp(), 0, gx.address()));
    return gx;
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x, w};
  }
}
