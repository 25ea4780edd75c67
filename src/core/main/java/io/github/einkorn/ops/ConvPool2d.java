package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_conv2d_pool2d;
import static io.github.einkorn.global.einkorn.ek_conv2d_pool2d_grad;
import static io.github.einkorn.global.einkorn.ek_conv2d_pool2d_kept;

import io.github.einkorn.DType;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Replay;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.nn.Window;
import io.github.einkorn.plan.Trace;

/**
 * y = max or average pooling of f(x ⋆ w + b), for x that asks for no gradient: what the convolution makes of an image
 * never leaves the cache, nor does its gradient. Keeps x channels-last and what the native library wants of the way
 * forward.
 */
public record ConvPool2d(Tensor x, Tensor kept, Shape weight, boolean bias, int[] conv, Pooling pooling, int[] pool)
    implements Op {
  /**
   * The pooling and the activation before it.
   *
   * @param planar whether y is to be contiguous, for what flattens it; else it is channels-last
   */
  public record Pooling(Window window, boolean average, Activation activation, boolean planar) {
    Tensor of(Tensor x) {
      if (average) return AvgPool2d.apply(activation.of(x), window, true);
      boolean relu = activation == Activation.RELU;
      return MaxPool2d.apply(relu ? x : activation.of(x), window, relu);
    }

    private int averages() {
      return average ? 1 : 0;
    }

    private int inPlanes() {
      return planar ? 1 : 0;
    }
  }

  private static final int MANY = 16; // images, where a plan is made for whatever batch comes

  /**
   * Null where this is not faster than one after the other, and where they would fail, which is left to them. A trace
   * takes it down where it is faster for many images, since a plan must be the same for all.
   */
  public static Tensor apply(Tensor x, Tensor w, Tensor b, Window window, Pooling pooling) {
    if (x.requiresGrad() || x.dtype() != DType.FLOAT32 || x.size() == 0) return null;
    int[] conv, pool;
    try {
      conv = Conv2d.check(x, w, b, window, 1);
      var output = Shape.of(x.dim(0), w.dim(0), window.height().out(x.dim(2)), window.width().out(x.dim(3)));
      pool = Pool.shape("pool2d", output, pooling.window, true);
      if (!pooling.average) Pool.checkTaps("pool2d", pooling.window);
    } catch (EinkornException e) {
      return null;
    }
    int activation = pooling.activation.ordinal();
    int gradient = Graph.needed(w) ? 1 : 0;
    Trace trace = Tensors.trace();
    if (trace != null) conv[0] = pool[0] = MANY;
    long bytes = ek_conv2d_pool2d_kept(conv, pool, pooling.averages(), activation, gradient);
    if (bytes < 0 || bytes > Integer.MAX_VALUE) return null;
    Replay again = in -> again(in[0], in[1], in[2], window, pooling);
    if (trace != null) return Graph.record(ConvPool2d.class, untraced(again, trace, x, w, b), again, x, w, b);
    Tensor xc = x.channelsLast(), wc = w.contiguous();
    Tensor y = Tensor.empty(DType.FLOAT32, pooling.planar ? Format.CONTIGUOUS : Format.CHANNELS_LAST,
        Pool.outputShape(pool));
    Tensor kept = Tensor.empty(DType.UINT8, Format.CONTIGUOUS, Shape.of((int) bytes));
    Native.run(() -> ek_conv2d_pool2d(conv, pool, pooling.averages(), activation, pooling.inPlanes(), xc.address(),
        wc.address(), Native.address(b), y.address(), kept.address()));
    Layout.free(wc, w);
    return Graph.record(new ConvPool2d(xc, kept, w.shape(), b != null, conv, pooling, pool), y, again, x, w, b);
  }

  private static Tensor untraced(Replay replay, Trace trace, Tensor... inputs) {
    Tensors.trace(null);
    try {
      return replay.run(inputs);
    } finally {
      Tensors.trace(trace);
    }
  }

  /** Where the batch is of another size, one after the other may be faster. */
  private static Tensor again(Tensor x, Tensor w, Tensor b, Window window, Pooling pooling) {
    Tensor y = apply(x, w, b, window, pooling);
    if (y != null) return y;
    boolean inside = pooling.average && pooling.activation.isRectifier();
    Tensor h = Conv2d.apply(x, w, b, window, 1, inside ? pooling.activation : Activation.IDENTITY);
    return inside ? AvgPool2d.apply(h, pooling.window, true) : pooling.of(h);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = pooling.planar ? gy.contiguous() : gy.channelsLast();
    Tensor gw = Tensor.empty(weight);
    Tensor gb = bias ? Tensor.empty(Shape.of(weight.dim(0))) : null;
    Native.run(() -> ek_conv2d_pool2d_grad(conv, pool, pooling.averages(), pooling.activation.ordinal(),
        pooling.inPlanes(), x.address(), g.address(), kept.address(), gw.address(), Native.address(gb)));
    return new Tensor[] {null, gw, gb};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x, kept};
  }
}
