package io.github.einkorn.ops;

import io.github.einkorn.DType;
import io.github.einkorn.Graph;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.global.einkorn;

/**
 * z = the larger of x and y, broadcast. Keeps x and y: gz goes to the larger, in halves where they are equal, and to
 * both where one is NaN.
 */
public record Maximum(Tensor x, Tensor y) implements Op {
  public static Tensor apply(Tensor x, Tensor y) {
    Tensor z = Broadcast.floats("maximum", einkorn::ek_maximum, x, y);
    return Graph.record(new Maximum(x, y), z, in -> apply(in[0], in[1]), x, y);
  }

  @Override
  public Tensor[] backward(Tensor gz) {
    Tensor gx = without(gz, x.lt(y), x.le(y)), gy = without(gz, x.gt(y), x.ge(y));
    return new Tensor[] {Broadcast.reduce(gx, x.shape()), Broadcast.reduce(gy, y.shape())};
  }

  /** gz, 0 where both hold and half where one does. */
  static Tensor without(Tensor gz, Tensor strictly, Tensor atMost) {
    return gz.mul(strictly.to(DType.FLOAT32).add(atMost.to(DType.FLOAT32)).mul(-0.5).add(1));
  }
}
