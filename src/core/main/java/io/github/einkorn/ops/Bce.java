package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_bce;
import static io.github.einkorn.global.einkorn.ek_bce_grad;
import static io.github.einkorn.global.einkorn.ek_max;
import static io.github.einkorn.global.einkorn.ek_min;
import static io.github.einkorn.global.einkorn.ek_read_float;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Reduction;

/** loss = -(t ln x + (1 - t) ln(1 - x)), reduced, logarithms not below -100. Keeps x and t. */
public record Bce(Tensor x, Tensor t, Reduction reduction) implements Op {
  /** @param who whom errors of the range of x name */
  public static Tensor apply(String who, Tensor x, Tensor t, Reduction reduction) {
    Pairs.check("bceLoss", x, t);
    Pairs.constant("bceLoss", t);
    checkRange(who, x);
    Tensor same = t.to(x.format());
    Tensor loss = Pairs.loss(x, reduction);
    Native.check(ek_bce(x.size(), x.address(), same.address(), reduction.ordinal(), loss.address()));
    return Graph.record(new Bce(x, same, reduction), loss, in -> apply(who, in[0], in[1], reduction), x, t);
  }

  /** In the order of memory, by kernels alone: neither the graph nor a trace is to know of it. */
  private static void checkRange(String who, Tensor x) {
    try (Tensor found = Tensor.empty(DType.INT64, Format.CONTIGUOUS, Shape.of(2))) { // two floats, and where they are
      long least = found.address(), greatest = least + 4, place = least + 8;
      Native.check(ek_min(1, x.size(), 1, x.address(), least, place));
      Native.check(ek_max(1, x.size(), 1, x.address(), greatest, place));
      float low = ek_read_float(least), high = ek_read_float(greatest);
      if (!(low >= 0 && high <= 1)) {
        throw new IllegalArgumentException(who + ": predictions must lie in [0, 1], as a sigmoid gives; got "
            + low + " to " + high);
      }
    }
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
