package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_bce_with_logits;
import static io.github.einkorn.global.einkorn.ek_bce_with_logits_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/**
 * loss = max(x, 0) - x t + ln(1 + e^-|x|), reduced: {@link Bce} of sigmoid(x). Keeps x and t: gx = (sigmoid(x) - t)
 * gloss.
 */
public record BceWithLogits(Tensor x, Tensor t, Reduction reduction) implements Op {
  public static Tensor apply(Tensor x, Tensor t, Reduction reduction) {
    Pairs.check("bceWithLogitsLoss", x, t);
    Pairs.constant("bceWithLogitsLoss", t);
    Tensor same = t.to(x.format());
    Tensor loss = Pairs.loss(x, reduction);
    Native.check(ek_bce_with_logits(x.size(), x.address(), same.address(), reduction.ordinal(), loss.address()));
    return Graph.record(new BceWithLogits(x, same, reduction), loss, in -> apply(in[0], in[1], reduction), x, t);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(x), g = reduction == Reduction.NONE ? gy.to(x.format()) : gy;
    Native.check(ek_bce_with_logits_grad(x.size(), x.address(), t.address(), reduction.ordinal(), g.address(),
        gx.address()));
    return new Tensor[] {gx, null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {t};
  }
}
