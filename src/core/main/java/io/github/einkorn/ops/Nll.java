package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_nll;
import static io.github.einkorn.global.einkorn.ek_nll_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** loss = -x[label] of each row of log-probabilities, reduced. Keeps the labels: gx = -gloss there, 0 elsewhere. */
public record Nll(Shape shape, Tensor labels, Reduction reduction) implements Op {
  public static Tensor apply(Tensor x, Tensor labels, Reduction reduction) {
    Labels.check("nllLoss", x, labels);
    Tensor loss = Labels.loss(labels.shape(), reduction);
    Native.check(ek_nll(x.dim(0), x.dim(1), x.address(), labels.address(), reduction.ordinal(), loss.address()));
    return Graph.record(new Nll(x.shape(), labels, reduction), loss, in -> apply(in[0], in[1], reduction), x, labels);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.empty(shape);
    Native.check(ek_nll_grad(shape.dim(0), shape.dim(1), labels.address(), reduction.ordinal(), gy.address(),
        gx.address()));
    return new Tensor[] {gx, null};
  }
}
