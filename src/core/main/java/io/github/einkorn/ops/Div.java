package io.github.einkorn.ops;

import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/** z = x / y, broadcast. Keeps x's shape, y and z: gx = gz / y, gy = -gz z / y. */
public record Div(Shape x, Tensor y, Tensor z) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("div", einkorn::ek_div, x, y);
    return Graph.record(new Div(x.shape(), y, z), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    Tensor gx = gz.div(y);
    Tensor gy = y.requiresGrad() ? Broadcast.reduce(gx.mul(z), y.shape()).neg() : null;
    return new Tensor[] {Broadcast.reduce(gx, x), gy};
  }
}
