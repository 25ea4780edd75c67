package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_add_relu;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/** y = max(a + b, 0), for a and b of one shape. Keeps y: the gradient of both is gy where y > 0. */
public record AddRelu(Tensor y) implements Op {
  public static Tensor apply(Tensor a, Tensor b) {
    Check.floats("addRelu", a);
    Check.floats("addRelu", b);
    if (!a.shape().equals(b.shape())) {
      throw new ShapeException("addRelu: expected two tensors of one shape, got " + a.shape() + " and " + b.shape());
    }
    Tensor y = Tensor.like(a), other = b.to(a.format());
    Native.check(ek_add_relu(a.address(), other.address(), y.address(), a.size()));
    Layout.free(other, b);
    return Graph.record(new AddRelu(y), y, in -> apply(in[0], in[1]), a, b);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = Relu.gradient(y, gy);
    return new Tensor[] {g, g};
  }
}
