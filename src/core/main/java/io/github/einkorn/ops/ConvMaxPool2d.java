package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_conv2d_max_pool2d;
import static io.github.einkorn.global.einkorn.ek_conv2d_max_pool2d_grad;
import static io.github.einkorn.global.einkorn.ek_conv2d_max_pool2d_wins;

import io.github.einkorn.DType;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/**
 * y = max pooling of x ⋆ w + b, or max(y, 0), for x that asks for no gradient, in training: what the convolution makes
 * of an image never leaves the cache, nor does its gradient. Keeps x channels-last and the taps of {@link MaxPool2d}.
 */
public record ConvMaxPool2d(Tensor x, Tensor position, Shape weight, boolean bias, int[] conv, int[] pool)
    implements Op {
  /**
   * Null where this is not faster than the two one after the other, and where they would fail, which is left to them.
   */
  public static Tensor apply(Tensor x, Tensor w, Tensor b, Window conv, Window pool, boolean relu) {
    if (!Graph.needed(w) || x.requiresGrad() || x.dtype() != DType.FLOAT32 || x.size() == 0) return null;
    int[] convShape, poolShape;
    try {
      convShape = Conv2d.check(x, w, b, conv, 1);
      var output = Shape.of(x.dim(0), w.dim(0), conv.height().out(x.dim(2)), conv.width().out(x.dim(3)));
      poolShape = Pool.shape("maxPool2d", output, pool, false);
    } catch (EinkornException e) {
      return null;
    }
    if (ek_conv2d_max_pool2d_wins(convShape) == 0) return null;
    Tensor xc = x.channelsLast(), wc = w.contiguous();
    Tensor y = Pool.output(poolShape);
    Tensor position = MaxPool2d.position(poolShape);
    long bias = b == null ? 0 : b.address();
    Native.check(ek_conv2d_max_pool2d(convShape, poolShape, relu ? 1 : 0, xc.address(), wc.address(), bias, y.address(),
        position.address()));
    Layout.free(wc, w);
    return Graph.record(new ConvMaxPool2d(xc, position, w.shape(), b != null, convShape, poolShape), y,
        in -> MaxPool2d.apply(Conv2d.apply(in[0], in[1], in[2], conv, 1, false), pool, relu), x, w, b);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast();
    Tensor gw = Tensor.empty(weight);
    Tensor gb = bias ? Tensor.empty(Shape.of(weight.dim(0))) : null;
    Native.check(ek_conv2d_max_pool2d_grad(conv, pool, x.address(), g.address(), position.address(), gw.address(),
        bias ? gb.address() : 0));
    return new Tensor[] {null, gw, gb};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x, position};
  }
}
