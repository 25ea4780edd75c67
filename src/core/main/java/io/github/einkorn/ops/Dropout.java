package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_dropout;

import io.github.einkorn.Check;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Random;
import io.github.einkorn.Tensor;

/**
 * y = x / (1 - p) with probability 1 - p, else 0, elements being counted in the order of memory. Keeps where its random
 * numbers start: gx is the same of gy.
 */
public record Dropout(long seed, long offset, double p, Format format) implements Op {
  public static Tensor apply(Tensor x, double p) {
    Check.floats("dropout", x);
    Check.range("dropout: p", p, 0, 1);
    var op = new Dropout(Random.seed(), Random.claim(x.size()), p, x.format());
    return Graph.record(op, op.drop(x), in -> apply(in[0], p), x);
  }

  private Tensor drop(Tensor x) {
    Tensor y = Tensor.like(x);
    Native.check(ek_dropout(seed, offset, p, x.address(), y.address(), x.size()));
    return y;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    return new Tensor[] {drop(gy.to(format))};
  }
}
