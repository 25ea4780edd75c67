package io.github.einkorn.ops;

import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/** z = x y, broadcast. Keeps x and y: gx = gz y, gy = gz x. */
public record Mul(Tensor x, Tensor y) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("mul", einkorn::ek_mul, x, y);
    return Graph.record(new Mul(x, y), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    return new Tensor[] {
      x.requiresGrad() ? Broadcast.reduce(gz.mul(y), x.shape()) : null,
      y.requiresGrad() ? Broadcast.reduce(gz.mul(x), y.shape()) : null
    };
  }
}
