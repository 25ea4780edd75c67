package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_matmul;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;

/**
 * c = a b for matrices a (…, m, k), b (…, k, n); the dimensions before are a batch, broadcast. Keeps a and b:
 * ga = gc bᵀ, gb = aᵀ gc, where they are needed.
 */
public record MatMul(Tensor a, Tensor b, boolean needsA, boolean needsB) implements Op {
  /** As {@code torch.matmul}: a vector is a row on the left and a column on the right, and its dimension goes. */
  public static Tensor apply(Tensor a, Tensor b) {
    Check.floats("matmul", a);
    Check.floats("matmul", b);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new ShapeException("matmul: both operands need a dimension, got " + a.shape() + " and " + b.shape());
    }
    if (a.rank() == 1 && b.rank() == 1 && a.dim(0) != b.dim(0)) {
      throw new ShapeException("matmul: vectors of " + a.dim(0) + " and " + b.dim(0) + " elements have no dot product");
    }
    if (a.rank() == 1) return apply(a.unsqueeze(0), b).squeeze(b.rank() == 1 ? 0 : -2);
    if (b.rank() == 1) return apply(a, b.unsqueeze(1)).squeeze(-1);
    if (a.dim(-1) != b.dim(-2)) {
      throw new ShapeException("mat1 and mat2 shapes cannot be multiplied (" + a.shape().times() + " and "
          + b.shape().times() + ")");
    }
    try {
      Shape.broadcast(batch(a), batch(b));
    } catch (ShapeException e) {
      throw new ShapeException("matmul: batches of " + e.getMessage());
    }
    Tensor ca = a.contiguous(), cb = b.contiguous();
    Tensor c = product(ca, false, cb, false);
    return Graph.record(new MatMul(ca, cb, a.requiresGrad(), b.requiresGrad()), c, in -> apply(in[0], in[1]), a, b);
  }

  /** op(a) op(b), transposing where asked. */
  private static Tensor product(Tensor a, boolean ta, Tensor b, boolean tb) {
    int m = a.dim(ta ? -1 : -2), k = a.dim(ta ? -2 : -1), n = b.dim(tb ? -2 : -1);
    Shape batch = Shape.broadcast(batch(a), batch(b));
    int[] d = Arrays.copyOf(batch.dims(), batch.rank() + 2);
    d[batch.rank()] = m;
    d[batch.rank() + 1] = n;
    Tensor c = Tensor.empty(Shape.of(d));
    if (b.rank() == 2 && !ta) { // one tall matrix
      Native.run(() -> ek_matmul(1, batch.size() * m, n, k, 0, tb ? 1 : 0, a.address(), 0, b.address(), 0,
          c.address()));
      return c;
    }
    Tensor fa = filled(a, batch), fb = filled(b, batch);
    long stepA = fa.size() == (long) m * k ? 0 : (long) m * k, stepB = fb.size() == (long) k * n ? 0 : (long) k * n;
    Native.run(() -> ek_matmul(batch.size(), m, n, k, ta ? 1 : 0, tb ? 1 : 0, fa.address(), stepA, fb.address(), stepB,
        c.address()));
    Layout.free(fa, a);
    Layout.free(fb, b);
    return c;
  }

  private static Shape batch(Tensor x) {
    return Shape.of(Arrays.copyOf(x.shape().dims(), x.rank() - 2));
  }

  /** x for every index of the batch, unless it is a single matrix, which a step of 0 repeats. */
  private static Tensor filled(Tensor x, Shape batch) {
    Shape own = batch(x);
    if (own.size() == 1 || own.size() == batch.size()) return x;
    int[] d = Arrays.copyOf(batch.dims(), batch.rank() + 2);
    d[batch.rank()] = x.dim(-2);
    d[batch.rank() + 1] = x.dim(-1);
    Tensor y = Tensor.empty(Shape.of(d));
    Layout.copyStretched(x, y);
    return y;
  }

  @Override
  public Tensor[] backward(Tensor gc) {
    Tensor g = gc.contiguous();
    Tensor ga = needsA ? Broadcast.reduce(product(g, false, b, true), a.shape()) : null;
    return new Tensor[] {ga, needsB ? gradientOfB(g) : null};
  }

  private Tensor gradientOfB(Tensor g) {
    if (b.rank() > 2) return Broadcast.reduce(product(a, true, g, false), b.shape());
    return product(a.viewAs(tall(a)), true, g.viewAs(tall(g)), false); // Σ over the batch: one of tall matrices
  }

  private static Shape tall(Tensor x) {
    return Shape.of(Math.toIntExact(x.size() / x.dim(-1)), x.dim(-1));
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {a, b};
  }
}
