package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_affine;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/** y = a x + b for numbers a, b. Keeps a: gx = a gy. */
public record Affine(float a) implements Op {
  public static Tensor apply(String op, Tensor x, double a, double b) {
    Check.floats(op, x);
    return Graph.record(new Affine((float) a), affine(x, (float) a, (float) b), in -> apply(op, in[0], a, b), x);
  }

  private static Tensor affine(Tensor x, float a, float b) {
    Tensor y = Tensor.like(x);
    Native.check(ek_affine(x.address(), a, b, y.address(), x.size()));
    return y;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {a == 1 ? gy : affine(gy, a, 0)};
  }
}
