package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_batch_norm;
import static io.github.einkorn.global.einkorn.ek_batch_norm_eval;
import static io.github.einkorn.global.einkorn.ek_batch_norm_eval_grad;
import static io.github.einkorn.global.einkorn.ek_batch_norm_grad;

import io.github.einkorn.Check;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;

/**
 * y = (x - mean) invstd gamma + beta for each channel, x being (N, C) or (N, C, H, W), with the statistics of this
 * batch (training) or given ones; or a rectifier of it, or of its sum with a residual. Keeps x, gamma, beta, mean and
 * invstd, and the y of a sum; gamma and beta may be null.
 */
public record BatchNorm(Tensor x, Tensor gamma, Tensor beta, Activation activation, Tensor mean, Tensor invstd,
    boolean training, Tensor sum) implements Op {
  /** How normalization with given statistics is applied again. */
  public record Eval(float eps, Activation activation) implements Activated {
    @Override
    public Eval with(Activation wanted) {
      return new Eval(eps, wanted);
    }

    @Override
    public Tensor run(Tensor... in) {
      return eval(in[0], in[1], in[2], in[3], in[4], eps, activation);
    }
  }

  /**
   * With the statistics of this batch, towards which the running ones (both or neither null) move by momentum. The
   * residual, of the shape of x, may be null.
   */
  public static Tensor train(Tensor x, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVar, float momentum,
      float eps, Activation activation, Tensor residual) {
    check(x, gamma, beta, runningMean, runningVar);
    if (residual != null) {
      Check.floats("batchNorm", residual);
      if (!residual.shape().equals(x.shape())) {
        throw new ShapeException("batchNorm: expected a residual of shape " + x.shape() + ", got " + residual.shape());
      }
    }
    int c = x.dim(1);
    if (x.size() == c) {
      throw new ShapeException("batchNorm: expected more than 1 value per channel when training, or where the "
          + "statistics are always the batch's, got shape " + x.shape());
    }
    Tensor rows = rows(x), y = Tensor.like(rows), mean = Tensor.empty(Shape.of(c)), invstd = Tensor.empty(Shape.of(c));
    Tensor r = residual == null ? null : rows(residual);
    Native.run(() -> ek_batch_norm(x.size() / c, c, rows.address(), Native.address(gamma), Native.address(beta), eps,
        activation.ordinal(), Native.address(r), y.address(), mean.address(), invstd.address(),
        Native.address(runningMean), Native.address(runningVar), momentum));
    Layout.free(r, residual);
    if (runningMean != null) {
      runningMean.touch();
      runningVar.touch();
    }
    Tensor sum = residual == null ? null : y;
    return Graph.record(new BatchNorm(rows, gamma, beta, activation, mean, invstd, true, sum), y,
        in -> train(in[0], in[1], in[2], null, null, 0, eps, activation, in[3]), x, gamma, beta, residual);
  }

  /** With given statistics. */
  public static Tensor eval(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor var, float eps,
      Activation activation) {
    check(x, gamma, beta, mean, var);
    int c = x.dim(1);
    Tensor rows = rows(x), y = Tensor.like(rows), invstd = Tensor.empty(Shape.of(c));
    Native.run(() -> ek_batch_norm_eval(x.size() / c, c, rows.address(), Native.address(gamma), Native.address(beta),
        mean.address(), var.address(), eps, activation.ordinal(), y.address(), invstd.address()));
    return Graph.record(new BatchNorm(rows, gamma, beta, activation, mean, invstd, false, null), y,
        new Eval(eps, activation), x, gamma, beta, mean, var);
  }

  private static void check(Tensor x, Tensor... channels) {
    Check.floats("batchNorm", x);
    if (x.rank() != 2 && x.rank() != 4) {
      throw new ShapeException("batchNorm: expected (N, C) or (N, C, H, W), got shape " + x.shape());
    }
    for (Tensor t : channels) {
      if (t == null) continue;
      Check.floats("batchNorm", t);
      if (t.rank() != 1 || t.dim(0) != x.dim(1)) {
        throw new ShapeException("batchNorm: expected " + t.size() + " channels, got " + x.dim(1) + " in shape "
            + x.shape());
      }
    }
  }

  private static Tensor rows(Tensor x) {
    return x.rank() == 4 ? x.channelsLast() : x;
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    int c = x.dim(1);
    long n = x.size() / c;
    Tensor gx = Tensor.like(x), gg = Tensor.empty(Shape.of(c)), gb = Tensor.empty(Shape.of(c));
    // a sum's is the residual's too, so that it is needed by itself
    boolean inside = sum == null || activation == Activation.IDENTITY;
    Tensor g = inside ? rows(gy) : activation.gradient(sum, gy);
    long w = Native.address(gamma), b = Native.address(beta), m = mean.address(), s = invstd.address();
    int a = inside ? activation.ordinal() : Activation.IDENTITY.ordinal();
    Native.run(() -> training
        ? ek_batch_norm_grad(n, c, x.address(), g.address(), w, b, a, m, s, gx.address(), gg.address(), gb.address())
        : ek_batch_norm_eval_grad(n, c, x.address(), g.address(), w, b, a, m, s, gx.address(), gg.address(),
            gb.address()));
    Tensor gamma = this.gamma == null ? null : gg, beta = this.beta == null ? null : gb;
    return training ? new Tensor[] {gx, gamma, beta, sum == null ? null : g}
        : new Tensor[] {gx, gamma, beta, null, null}; // the statistics are given
  }

  @Override
  public Tensor[] owned() {
    return training ? new Tensor[] {x, mean, invstd} : new Tensor[] {x, invstd};
  }
}
