package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_mse;
import static io.github.einkorn.global.einkorn.ek_mse_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** loss = (x - t)², reduced. Keeps x and t: gx = 2 (x - t) gloss, gt = -gx. */
public record Mse(Tensor x, Tensor t, boolean needsT, Reduction reduction) implements Op {
  public static Tensor apply(Tensor x, Tensor t, Reduction reduction) {
    Pairs.check("mseLoss", x, t);
    Tensor same = t.to(x.format());
    Tensor loss = Pairs.loss(x, reduction);
    Native.check(ek_mse(x.size(), x.address(), same.address(), reduction.ordinal(), loss.address()));
    return Graph.record(new Mse(x, same, t.requiresGrad(), reduction), loss,
        in -> apply(in[0], in[1], reduction), x, t);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x), g = reduction == Reduction.NONE ? gy.to(x.format()) : gy;
    Native.check(ek_mse_grad(x.size(), x.address(), t.address(), reduction.ordinal(), g.address(), gx.address()));
    return new Tensor[] {gx, needsT ? gx.neg() : null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {t};
  }
}
