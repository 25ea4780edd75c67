package io.github.einkorn.ops;

import io.github.einkorn.DType;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/** z = the smaller of x and y, broadcast. Keeps x and y: gz goes to the smaller, in halves where they are equal. */
public record Minimum(Tensor x, Tensor y) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("minimum", einkorn::ek_minimum, x, y);
    return Graph.record(new Minimum(x, y), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    Tensor half = x.lt(y).to(DType.FLOAT32).add(x.le(y).to(DType.FLOAT32)).mul(0.5);
    Tensor gx = gz.mul(half);
    return new Tensor[] {Broadcast.reduce(gx, x.shape()), Broadcast.reduce(gz.sub(gx), y.shape())};
  }
}
