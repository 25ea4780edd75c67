package io.github.einkorn.ops;

import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/**
 * z = the smaller of x and y, broadcast. Keeps x and y: gz goes to the smaller, in halves where they are equal, and to
 * both where one is NaN.
 */
public record Minimum(Tensor x, Tensor y) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("minimum", einkorn::ek_minimum, x, y);
    return Graph.record(new Minimum(x, y), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    Tensor gx = Maximum.without(gz, x.gt(y), x.ge(y)), gy = Maximum.without(gz, x.lt(y), x.le(y));
    return new Tensor[] {Broadcast.reduce(gx, x.shape()), Broadcast.reduce(gy, y.shape())};
  }
}
