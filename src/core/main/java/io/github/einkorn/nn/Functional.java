package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.AddRelu;
import io.github.einkorn.ops.AvgPool2d;
import io.github.einkorn.ops.BatchNorm;
import io.github.einkorn.ops.Bce;
import io.github.einkorn.ops.BceWithLogits;
import io.github.einkorn.ops.CrossEntropy;
import io.github.einkorn.ops.Dropout;
import io.github.einkorn.ops.MaxPool2d;
import io.github.einkorn.ops.Mse;
import io.github.einkorn.ops.Nll;
import io.github.einkorn.ops.Pairs;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** What layers compute, as functions: {@code torch.nn.functional}. All have gradients. */
public final class Functional {
  private Functional() {}

  /**
   * y = x wᵀ + b.
   *
   * @param x (…, in)
   * @param w (out, in)
   * @param b (out), or null
   * @return (…, out)
   * @throws ShapeException if they do not fit
   */
  public static Tensor linear(Tensor x, Tensor w, Tensor b) {
    return io.github.einkorn.ops.Linear.apply(x, w, b);
  }

  /**
   * The cross-correlation of images with kernels, as every framework means convolution.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param w (out, C / groups, kernel height, kernel width)
   * @param b (out), or null
   * @param window stride 1 unless set; its kernel is that of w
   * @param groups channels in and out are split into so many independent parts
   * @return (N, out, H', W') or (out, H', W')
   * @throws ShapeException if they do not fit
   */
  public static Tensor conv2d(Tensor x, Tensor w, Tensor b, Window window, int groups) {
    return conv2d(x, w, b, window, groups, false);
  }

  /** Or its ReLU. */
  static Tensor conv2d(Tensor x, Tensor w, Tensor b, Window window, int groups, boolean relu) {
    return batched(x, i -> io.github.einkorn.ops.Conv2d.apply(i, w, b, window.convolution(), groups, relu));
  }

  /** As {@link #conv2d(Tensor, Tensor, Tensor, Window, int)} with one group. */
  public static Tensor conv2d(Tensor x, Tensor w, Tensor b, Window window) {
    return conv2d(x, w, b, window, 1);
  }

  /**
   * The largest value in each window; padding never wins, NaN always.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param window stride as the kernel unless set
   * @throws ShapeException if the window does not fit
   */
  public static Tensor maxPool2d(Tensor x, Window window) {
    return batched(x, i -> MaxPool2d.apply(i, window.pooling()));
  }

  /**
   * The mean of each window.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param window stride as the kernel unless set
   * @param countPad whether padding counts as zeros (PyTorch's default) or not at all (Keras)
   * @throws ShapeException if the window does not fit
   */
  public static Tensor avgPool2d(Tensor x, Window window, boolean countPad) {
    return batched(x, i -> AvgPool2d.apply(i, window.pooling(), countPad));
  }

  /** The mean of each channel: (N, C, H, W) to (N, C, 1, 1), or (C, H, W) to (C, 1, 1). */
  public static Tensor globalAvgPool2d(Tensor x) {
    Check.floats("globalAvgPool2d", x);
    return batched(x, i -> {
      Check.rank("globalAvgPool2d", i, 4, "(N, C, H, W)");
      return i.mean(true, 2, 3);
    });
  }

  /** Runs one image as a batch of one. */
  private static Tensor batched(Tensor x, UnaryOperator<Tensor> op) {
    return x.rank() == 3 ? op.apply(x.unsqueeze(0)).squeeze(0) : op.apply(x);
  }

  /**
   * y = (x - mean) / √(var + eps) · weight + bias for each channel (Ioffe and Szegedy 2015). In training the mean and
   * biased variance are those of the batch, and the running ones move: {@code running += momentum (batch - running)},
   * with the unbiased variance, as in PyTorch. In evaluation they are the running ones.
   *
   * @param x (N, C), (N, C, L) or (N, C, H, W)
   * @param runningMean (C), changed in place in training; null (then runningVar too) to use the batch always
   * @param runningVar (C), likewise
   * @param weight (C), or null for 1
   * @param bias (C), or null for 0
   * @throws ShapeException if they do not fit, or a channel has a single value in training
   */
  public static Tensor batchNorm(Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias,
      boolean training, double momentum, double eps) {
    return batchNorm(x, runningMean, runningVar, weight, bias, training, momentum, eps, false);
  }

  /** Or its ReLU. */
  static Tensor batchNorm(Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias,
      boolean training, double momentum, double eps, boolean relu) {
    float m = Check.range("batchNorm: momentum", momentum, 0, 1);
    float e = Check.range("batchNorm: eps", eps, 0, Float.MAX_VALUE);
    if ((runningMean == null) != (runningVar == null)) {
      throw new IllegalArgumentException("batchNorm: give both the running mean and the running variance, or neither");
    }
    if (x.rank() == 3) {
      int n = x.dim(0), c = x.dim(1), length = x.dim(2);
      Tensor rows = x.permute(0, 2, 1).reshape(-1, c);
      return batchNorm(rows, runningMean, runningVar, weight, bias, training, momentum, eps, relu)
          .reshape(n, length, c).permute(0, 2, 1);
    }
    return training || runningMean == null
        ? BatchNorm.train(x, weight, bias, runningMean, runningVar, m, e, relu)
        : BatchNorm.eval(x, weight, bias, runningMean, runningVar, e, relu);
  }

  /**
   * Zero with probability p, else x / (1 - p); x itself when not training.
   *
   * @throws IllegalArgumentException unless 0 &lt;= p &lt;= 1
   */
  public static Tensor dropout(Tensor x, double p, boolean training) {
    Check.range("dropout: p", p, 0, 1);
    return training && p > 0 ? Dropout.apply(x, p) : x;
  }

  /** The mean of {@link #crossEntropy(Tensor, Tensor, Reduction)}. */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return crossEntropy(logits, labels, Reduction.MEAN);
  }

  /**
   * -ln softmax(logits)[label].
   *
   * @param logits (N, C), or (N, C, d1, …)
   * @param labels int64 (N), or (N, d1, …)
   * @throws ShapeException if they do not fit
   * @throws IllegalArgumentException if a label is not in 0..C-1
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, Reduction reduction) {
    return rows(logits, labels, reduction, (x, t) -> CrossEntropy.apply(x, t, reduction));
  }

  /** The mean of {@link #nllLoss(Tensor, Tensor, Reduction)}. */
  public static Tensor nllLoss(Tensor logProbabilities, Tensor labels) {
    return nllLoss(logProbabilities, labels, Reduction.MEAN);
  }

  /** -x[label]; shapes as in {@link #crossEntropy(Tensor, Tensor, Reduction)}. */
  public static Tensor nllLoss(Tensor logProbabilities, Tensor labels, Reduction reduction) {
    return rows(logProbabilities, labels, reduction, (x, t) -> Nll.apply(x, t, reduction));
  }

  /** Brings (N, C, d1, …) and labels (N, d1, …) to rows (M, C) and labels (M). */
  static Tensor rows(Tensor x, Tensor labels, Reduction reduction, BinaryOperator<Tensor> op) {
    boolean places = x.rank() > 2 && x.shape().without(1).equals(labels.shape());
    if (!places) return op.apply(x, labels);
    int[] order = new int[x.rank()];
    for (int i = 1; i < order.length - 1; i++) order[i] = i + 1;
    order[order.length - 1] = 1;
    Tensor loss = op.apply(x.permute(order).reshape(-1, x.dim(1)), labels.reshape(-1));
    return reduction == Reduction.NONE ? loss.reshape(labels.shape().dims()) : loss;
  }

  /** The mean of {@link #bceLoss(Tensor, Tensor, Reduction)}. */
  public static Tensor bceLoss(Tensor probabilities, Tensor targets) {
    return bceLoss(probabilities, targets, Reduction.MEAN);
  }

  /** -(t ln x + (1 - t) ln(1 - x)), logarithms not below -100 as in PyTorch; equal shapes, x in 0..1. */
  public static Tensor bceLoss(Tensor probabilities, Tensor targets, Reduction reduction) {
    return Bce.apply(probabilities, targets, reduction);
  }

  /** max(x, 0) - x t + ln(1 + e^-|x|), which is {@link #bceLoss} of sigmoid(x) without its rounding; equal shapes. */
  public static Tensor bceWithLogitsLoss(Tensor logits, Tensor targets, Reduction reduction) {
    return BceWithLogits.apply(logits, targets, reduction);
  }

  /** The mean of {@link #mseLoss(Tensor, Tensor, Reduction)}. */
  public static Tensor mseLoss(Tensor x, Tensor target) {
    return mseLoss(x, target, Reduction.MEAN);
  }

  /** (x - t)²; equal shapes. */
  public static Tensor mseLoss(Tensor x, Tensor target, Reduction reduction) {
    return Mse.apply(x, target, reduction);
  }

  /** |x - t|; equal shapes. */
  public static Tensor l1Loss(Tensor x, Tensor target, Reduction reduction) {
    Pairs.check("l1Loss", x, target);
    return reduction.of(x.sub(target).abs());
  }

  /** d²/2 where d = |x - t| &lt; delta, else delta (d - delta/2); equal shapes, delta &gt; 0. */
  public static Tensor huberLoss(Tensor x, Tensor target, double delta, Reduction reduction) {
    Pairs.check("huberLoss", x, target);
    if (!(delta > 0)) throw new IllegalArgumentException("huberLoss: delta must be positive, got " + delta);
    Tensor d = x.sub(target).abs(), c = d.clamp(0, delta);
    return reduction.of(c.mul(d.sub(c.mul(0.5))));
  }

  /** d²/(2 beta) where d = |x - t| &lt; beta, else d - beta/2; equal shapes, beta &gt;= 0. */
  public static Tensor smoothL1Loss(Tensor x, Tensor target, double beta, Reduction reduction) {
    Pairs.check("smoothL1Loss", x, target);
    if (!(beta >= 0)) throw new IllegalArgumentException("smoothL1Loss: beta must not be negative, got " + beta);
    return beta == 0 ? l1Loss(x, target, reduction) : huberLoss(x, target, beta, reduction).div(beta);
  }

  /**
   * t (ln t - x), and 0 where t is: the divergence of the distribution t from eˣ. Equal shapes.
   *
   * @param x log-probabilities
   * @param target probabilities, or their logarithms if {@code logTarget}
   */
  public static Tensor klDivLoss(Tensor x, Tensor target, boolean logTarget, Reduction reduction) {
    Pairs.check("klDivLoss", x, target);
    Tensor p = logTarget ? target.exp() : target;
    Tensor logP = logTarget ? target : target.clamp(Float.MIN_NORMAL, Float.MAX_VALUE).log();
    return reduction.of(p.mul(logP.sub(x)));
  }

  /**
   * max(x + y, 0) in one pass: the end of a residual block.
   *
   * @throws ShapeException unless the shapes are equal
   */
  public static Tensor addRelu(Tensor x, Tensor y) {
    return AddRelu.apply(x, y);
  }

  /** max(x, 0). */
  public static Tensor relu(Tensor x) {
    return x.relu();
  }

  /** x where x &gt; 0, else slope x. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return x.leakyRelu(slope);
  }

  /** 1 / (1 + e⁻ˣ). */
  public static Tensor sigmoid(Tensor x) {
    return x.sigmoid();
  }

  /** tanh x. */
  public static Tensor tanh(Tensor x) {
    return x.tanh();
  }

  /** eˣ / Σ eˣ along a dimension. */
  public static Tensor softmax(Tensor x, int dim) {
    return x.softmax(dim);
  }

  /** x - ln Σ eˣ along a dimension. */
  public static Tensor logSoftmax(Tensor x, int dim) {
    return x.logSoftmax(dim);
  }
}
