package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_bce;
import static io.github.einkorn.global.einkorn.ek_bce_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** loss = -(t ln x + (1 - t) ln(1 - x)), reduced, logarithms not below -100. Keeps x and t. */
public record Bce(Tensor x, Tensor t, Reduction reduction) implements Op {
  /** @param who whom errors of the range of x name */
  public static Tensor apply(String who, Tensor x, Tensor t, Reduction reduction) {
    Pairs.check("bceLoss", x, t);
    Pairs.constant("bceLoss", t);
    Tensor same = t.to(x.format());
    Tensor loss = Pairs.loss(x, reduction);
    try {
      Native.check(ek_bce(x.size(), x.address(), same.address(), reduction.ordinal(), loss.address()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(who + ": " + e.getMessage(), e);
    }
    return Graph.record(new Bce(x, same, reduction), loss, in -> apply(who, in[0], in[1], reduction), x, t);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x), g = reduction == Reduction.NONE ? gy.to(x.format()) : gy;
    Native.check(ek_bce_grad(x.size(), x.address(), t.address(), reduction.ordinal(), g.address(), gx.address()));
    return new Tensor[] {gx, null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {t};
  }
}
