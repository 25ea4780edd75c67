package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_cross_entropy;
import static io.github.einkorn.global.einkorn.ek_cross_entropy_grad;

import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** loss = -ln softmax(x)[label] of each row, reduced. Keeps p = softmax(x): gx = (p - onehot(label)) gloss. */
public record CrossEntropy(Tensor p, Tensor labels, Reduction reduction) implements Op {
  public static Tensor apply(Tensor x, Tensor labels, Reduction reduction) {
    Labels.check("crossEntropy", x, labels);
    Tensor p = Tensor.empty(x.shape());
    Tensor loss = Labels.loss(labels.shape(), reduction);
    Native.check(ek_cross_entropy(x.dim(0), x.dim(1), x.address(), labels.address(), reduction.ordinal(),
        loss.address(), p.address()));
    return Graph.record(new CrossEntropy(p, labels, reduction), loss, in -> apply(in[0], in[1], reduction), x, labels);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor gx = Tensor.like(p);
    Native.check(ek_cross_entropy_grad(p.dim(0), p.dim(1), p.address(), labels.address(), reduction.ordinal(),
        gy.address(), gx.address()));
    return new Tensor[] {gx, null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {p};
  }
}
