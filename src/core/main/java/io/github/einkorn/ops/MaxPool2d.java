package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_max_pool2d;
import static io.github.einkorn.global.einkorn.ek_max_pool2d_grad;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Window;

/**
 * y = the largest x in each window, or max(y, 0); padding never wins. Keeps the tap where it was: gx = gy summed there,
 * unless the ReLU cut it off. One byte for each output, four where the window has more than 255 taps; null when no
 * gradient will be asked.
 */
public record MaxPool2d(Tensor position, int[] shape) implements Op {
  private static final int BYTE_TAPS = 255;

  private record Again(Window window, boolean relu) implements Activated {
    @Override
    public Activation activation() {
      return relu ? Activation.RELU : Activation.IDENTITY;
    }

    @Override
    public Again with(Activation wanted) {
      return new Again(window, wanted == Activation.RELU);
    }

    @Override
    public boolean takes(Activation wanted) {
      return wanted == Activation.RELU;
    }

    @Override
    public Tensor run(Tensor... in) {
      return apply(in[0], window, relu);
    }
  }

  public static Tensor apply(Tensor x, Window window, boolean relu) {
    int[] shape = Pool.shape("maxPool2d", x, window, false);
    Pool.checkTaps("maxPool2d", window);
    Tensor c = x.channelsLast();
    Tensor y = Pool.output(shape);
    Tensor position = Graph.needed(x) ? position(shape) : null;
    Native.check(ek_max_pool2d(shape, relu ? 1 : 0, c.address(), y.address(), Native.address(position)));
    Layout.free(c, x);
    return Graph.record(new MaxPool2d(position, shape), y, new Again(window, relu), x);
  }

  static Tensor position(int[] shape) {
    boolean small = (long) shape[4] * shape[5] <= BYTE_TAPS;
    return Tensor.empty(DType.UINT8, Format.CONTIGUOUS,
        Shape.of(shape[0], shape[12], shape[13], shape[1], small ? 1 : 4));
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast();
    Tensor gx = Pool.input(shape);
    Native.check(ek_max_pool2d_grad(shape, g.address(), position.address(), gx.address()));
    return new Tensor[] {gx};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {position};
  }
}
