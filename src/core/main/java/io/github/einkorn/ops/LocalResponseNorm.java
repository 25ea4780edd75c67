package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_local_response_norm;
import static io.github.einkorn.global.einkorn.ek_local_response_norm_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Tensor;

/**
 * y = x d^-beta with d = k + alpha Σ x² over the channels c - before … c + after that there are, x being (N, C, H, W).
 * Keeps x channels-last: gx = gy d^-beta - 2 alpha beta x Σ gy x d^(-beta-1) over the windows that hold the channel.
 */
public record LocalResponseNorm(Tensor x, int before, int after, float alpha, float beta, float k) implements Op {
  public static Tensor apply(Tensor x, int before, int after, float alpha, float beta, float k) {
    Check.floats("localResponseNorm", x);
    Check.rank("localResponseNorm", x, 4, "(N, C, H, W)");
    Tensor c = x.channelsLast();
    Tensor y = Tensor.like(c);
    Native.run(() -> ek_local_response_norm(pixels(c), c.dim(1), c.address(), before, after, alpha, beta, k,
        y.address()));
    return Graph.record(new LocalResponseNorm(c, before, after, alpha, beta, k), y,
        in -> apply(in[0], before, after, alpha, beta, k), x);
  }

  private static long pixels(Tensor x) {
    return x.size() / x.dim(1);
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.channelsLast(), gx = Tensor.like(x);
    Native.run(() -> ek_local_response_norm_grad(pixels(x), x.dim(1), x.address(), before, after, alpha, beta, k,
        g.address(), gx.address()));
    return new Tensor[] {gx};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {x};
  }
}
