package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_avg_pool2d;
import static io.github.einkorn.global.einkorn.ek_avg_pool2d_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/** y = the mean of x in each window, padding counted or not. Keeps the shape: gx = gy / count, summed over windows. */
public record AvgPool2d(int[] shape) implements Op {
  public static Tensor apply(Tensor x, Window window, boolean countPad) {
    int[] shape = Pool.shape("avgPool2d", x, window, countPad);
    Tensor c = x.channelsLast();
    Tensor y = Pool.output(shape);
    Native.check(ek_avg_pool2d(shape, c.address(), y.address()));
    Layout.free(c, x);
    return Graph.record(new AvgPool2d(shape), y, in -> apply(in[0], window, countPad), x);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast();
    Tensor gx = Pool.input(shape);
    Native.check(ek_avg_pool2d_grad(shape, g.address(), gx.address()));
    return new Tensor[] {gx};
  }
}
