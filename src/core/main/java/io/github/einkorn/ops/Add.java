package io.github.einkorn.ops;

import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/** z = x + y, broadcast. Keeps the shapes: gx = gy = gz. */
public record Add(Shape x, Shape y) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("add", einkorn::ek_add, x, y);
    return Graph.record(new Add(x.shape(), y.shape()), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    return new Tensor[] {Broadcast.reduce(gz, x), Broadcast.reduce(gz, y)};
  }
}
