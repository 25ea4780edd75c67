package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import io.github.einkorn.ops.AddRelu;
import io.github.einkorn.ops.AvgPool2d;
import io.github.einkorn.ops.BatchNorm;
import io.github.einkorn.ops.Bce;
import io.github.einkorn.ops.BceWithLogits;
import io.github.einkorn.ops.ConvTranspose2d;
import io.github.einkorn.ops.CrossEntropy;
import io.github.einkorn.ops.Dropout;
import io.github.einkorn.ops.Embedding;
import io.github.einkorn.ops.Fold;
import io.github.einkorn.ops.Gelu;
import io.github.einkorn.ops.LayerNorm;
import io.github.einkorn.ops.LocalResponseNorm;
import io.github.einkorn.ops.MaxPool2d;
import io.github.einkorn.ops.Mse;
import io.github.einkorn.ops.Nll;
import io.github.einkorn.ops.Pairs;
import io.github.einkorn.ops.Relu6;
import io.github.einkorn.ops.Unfold;
import java.util.Arrays;
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
    return io.github.einkorn.ops.Linear.apply(x, w, b, Activation.IDENTITY);
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
    return conv2d(x, w, b, window, groups, Activation.IDENTITY);
  }

  /** Or a rectifier of it. */
  static Tensor conv2d(Tensor x, Tensor w, Tensor b, Window window, int groups, Activation activation) {
    return batched(x, i -> io.github.einkorn.ops.Conv2d.apply(i, w, b, window.convolution(), groups, activation));
  }

  /** As {@link #conv2d(Tensor, Tensor, Tensor, Window, int)} with one group. */
  public static Tensor conv2d(Tensor x, Tensor w, Tensor b, Window window) {
    return conv2d(x, w, b, window, 1);
  }

  /**
   * The largest value in each window; padding never wins, NaN always. A window spread by dilation whose taps all fall
   * into the padding gives -∞.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param window stride as the kernel unless set
   * @throws ShapeException if the window does not fit
   */
  public static Tensor maxPool2d(Tensor x, Window window) {
    return maxPool2d(x, window, false);
  }

  static Tensor maxPool2d(Tensor x, Window window, boolean relu) {
    return batched(x, i -> MaxPool2d.apply(i, window.pooling(), relu));
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

  /**
   * The cross-correlation of lines with kernels.
   *
   * @param x (N, C, L) or (C, L)
   * @param w (out, C / groups, kernel)
   * @param b (out), or null
   * @param window stride 1 unless set; its kernel is that of w, and both directions the same
   * @param groups channels in and out are split into so many independent parts
   * @return (N, out, L') or (out, L')
   * @throws ShapeException if they do not fit
   */
  public static Tensor conv1d(Tensor x, Tensor w, Tensor b, Window window, int groups) {
    return Line.conv(x, w, b, window, groups, Activation.IDENTITY);
  }

  /** As {@link #conv1d(Tensor, Tensor, Tensor, Window, int)} with one group. */
  public static Tensor conv1d(Tensor x, Tensor w, Tensor b, Window window) {
    return conv1d(x, w, b, window, 1);
  }

  /** As {@link #maxPool2d} for (N, C, L) or (C, L), with a window that is the same in both directions. */
  public static Tensor maxPool1d(Tensor x, Window window) {
    Window row = window.row().pooling();
    return Line.run("maxPool1d", x, row, image -> maxPool2d(image, row));
  }

  /** As {@link #avgPool2d} for (N, C, L) or (C, L), with a window that is the same in both directions. */
  public static Tensor avgPool1d(Tensor x, Window window, boolean countPad) {
    Window row = window.row().pooling();
    return Line.run("avgPool1d", x, row, image -> avgPool2d(image, row, countPad));
  }

  /**
   * The gradient of a convolution with respect to its input, for x in the place of its output's: each x adds the
   * kernel, scaled by it, to a window of the result.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param w (C, out / groups, kernel height, kernel width)
   * @param b (out), or null
   * @param window that of the convolution: its padding is cut off the result
   * @param moreHeight rows more at the bottom, fewer than the stride
   * @param moreWidth columns more at the right, fewer than the stride
   * @param groups channels in and out are split into so many independent parts
   * @return (N, out, H', W') or (out, H', W'), with H' = (H - 1) stride - padding + dilation (kernel - 1) + 1 + more
   * @throws ShapeException if they do not fit
   */
  public static Tensor convTranspose2d(Tensor x, Tensor w, Tensor b, Window window, int moreHeight, int moreWidth,
      int groups) {
    return batched(x, i -> ConvTranspose2d.apply(i, w, b, window.convolution(), moreHeight, moreWidth, groups));
  }

  /** As the other, without more rows and columns, and with one group. */
  public static Tensor convTranspose2d(Tensor x, Tensor w, Tensor b, Window window) {
    return convTranspose2d(x, w, b, window, 0, 0, 1);
  }

  /**
   * The mean of each of height × width windows that cover the image evenly; window i of n reaches from floor(i H / n)
   * to ceil((i + 1) H / n).
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @throws ShapeException if the output has no pixels
   */
  public static Tensor adaptiveAvgPool2d(Tensor x, int height, int width) {
    return batched(x, i -> Bins.averages(i, height, width));
  }

  /** The largest value in each of the windows of {@link #adaptiveAvgPool2d}. */
  public static Tensor adaptiveMaxPool2d(Tensor x, int height, int width) {
    return batched(x, i -> Bins.maxima(i, height, width));
  }

  /**
   * Each pixel of the result is the nearest of x: {@code torch.nn.functional.interpolate} with its default mode.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @throws ShapeException if the output has no pixels
   */
  public static Tensor upsampleNearest(Tensor x, int height, int width) {
    return batched(x, i -> Upsample.to(height, width).forward(i));
  }

  /**
   * Each pixel of the result is between the four of x around it: {@code torch.nn.functional.interpolate} with mode
   * bilinear.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param alignCorners whether pixels are points, of which those at the corners stay, and not squares
   * @throws ShapeException if the output has no pixels
   */
  public static Tensor upsampleBilinear(Tensor x, int height, int width, boolean alignCorners) {
    return batched(x, i -> Upsample.to(height, width).bilinear(alignCorners).forward(i));
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
    return batchNorm(x, runningMean, runningVar, weight, bias, training, momentum, eps, Activation.IDENTITY, null);
  }

  /** Or a rectifier of it; in training, and of images, of its sum with a residual unless that is null. */
  static Tensor batchNorm(Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias,
      boolean training, double momentum, double eps, Activation activation, Tensor residual) {
    float m = Check.range("batchNorm: momentum", momentum, 0, 1);
    float e = Check.range("batchNorm: eps", eps, 0, Float.MAX_VALUE);
    if ((runningMean == null) != (runningVar == null)) {
      throw new IllegalArgumentException("batchNorm: give both the running mean and the running variance, or neither");
    }
    if (x.rank() == 3) {
      int n = x.dim(0), c = x.dim(1), length = x.dim(2);
      Tensor rows = x.permute(0, 2, 1).reshape(-1, c);
      return batchNorm(rows, runningMean, runningVar, weight, bias, training, momentum, eps, activation, residual)
          .reshape(n, length, c).permute(0, 2, 1);
    }
    return training || runningMean == null
        ? BatchNorm.train(x, weight, bias, runningMean, runningVar, m, e, activation, residual)
        : BatchNorm.eval(x, weight, bias, runningMean, runningVar, e, activation);
  }

  /**
   * y = (x - mean) / √(var + eps) · weight + bias with the mean and biased variance of each row, a row being the last
   * dimensions (Ba, Kiros and Hinton 2016). The same in training and evaluation.
   *
   * @param x (…, normalizedShape…)
   * @param normalizedShape the shape of a row
   * @param weight of the shape of a row, or null for 1
   * @param bias of the shape of a row, or null for 0
   * @throws ShapeException if they do not fit
   */
  public static Tensor layerNorm(Tensor x, int[] normalizedShape, Tensor weight, Tensor bias, double eps) {
    float e = Check.range("layerNorm: eps", eps, 0, Float.MAX_VALUE);
    return LayerNorm.apply(x, Shape.of(normalizedShape), weight, bias, e);
  }

  /**
   * y = x / (k + alpha / size · Σ x²)^beta, the sum being over {@code size} neighbouring channels of the same pixel:
   * {@code torch.nn.functional.local_response_norm}. The window of channel c begins at c - size / 2; channels beyond
   * the ends count as 0. {@link #lrn} is the same without the division of alpha.
   *
   * @param x (N, C), (N, C, L) or (N, C, H, W)
   * @throws ShapeException for another number of dimensions
   * @throws IllegalArgumentException if size is less than 1, or a number is not finite
   */
  public static Tensor localResponseNorm(Tensor x, int size, double alpha, double beta, double k) {
    if (size < 1) throw new IllegalArgumentException("localResponseNorm: size must be at least 1, got " + size);
    return responseNorm("localResponseNorm", x, size / 2, (size - 1) / 2, alpha / size, beta, k);
  }

  /**
   * y = x / (k + alpha Σ x²)^beta, the sum being over the channels c - radius … c + radius of the same pixel: as in
   * AlexNet (Krizhevsky, Sutskever and Hinton 2012), and {@code tf.nn.local_response_normalization} with its depth
   * radius and, for k, its bias. {@link #localResponseNorm} is PyTorch's, which divides alpha by the size 2 radius + 1.
   *
   * @param x (N, C), (N, C, L) or (N, C, H, W)
   * @throws ShapeException for another number of dimensions
   * @throws IllegalArgumentException if the radius is negative, or a number is not finite
   */
  public static Tensor lrn(Tensor x, int radius, double alpha, double beta, double k) {
    if (radius < 0) throw new IllegalArgumentException("lrn: the radius must not be negative, got " + radius);
    return responseNorm("lrn", x, radius, radius, alpha, beta, k);
  }

  private static Tensor responseNorm(String op, Tensor x, int before, int after, double alpha, double beta, double k) {
    float a = Check.finite(op + ": alpha", alpha), b = Check.finite(op + ": beta", beta);
    float c = Check.finite(op + ": k", k);
    if (x.rank() < 2 || x.rank() > 4) {
      throw new ShapeException(op + ": expected (N, C), (N, C, L) or (N, C, H, W), got shape " + x.shape());
    }
    Tensor images = x;
    while (images.rank() < 4) images = images.unsqueeze(-1);
    Tensor y = LocalResponseNorm.apply(images, before, after, a, b, c);
    while (y.rank() > x.rank()) y = y.squeeze(-1);
    return y;
  }

  /**
   * y[…, :] = weight[indices[…], :]: the vectors that stand for words or other things with numbers.
   *
   * @param indices int64 (…), each in 0..number-1
   * @param weight (number, dimension)
   * @return (…, dimension)
   * @throws IllegalArgumentException if an index is out of range
   */
  public static Tensor embedding(Tensor indices, Tensor weight) {
    return embedding(indices, weight, null);
  }

  /**
   * As {@link #embedding(Tensor, Tensor)}, where a row stands for padding: it gets no gradient.
   *
   * @param paddingIdx the row, negative from the end; null for none
   */
  public static Tensor embedding(Tensor indices, Tensor weight, Integer paddingIdx) {
    int padding = paddingIdx == null ? -1 : row("embedding", paddingIdx, weight.rank() == 0 ? 0 : weight.dim(0));
    return Embedding.apply(weight, indices, padding);
  }

  /** A row, which may count from the end, as 0..n-1. */
  static int row(String op, int i, int n) {
    int row = i < 0 ? i + n : i;
    if (row < 0 || row >= n) {
      throw new IllegalArgumentException(op + ": paddingIdx " + i + " is not one of " + n + " rows");
    }
    return row;
  }

  /**
   * The windows of images as columns: {@code torch.nn.functional.unfold}. Padding is 0.
   *
   * @param x (N, C, H, W) or (C, H, W)
   * @param window stride 1 unless set
   * @return (N, C · kernel height · kernel width, places), or without N
   * @throws ShapeException if the window does not fit
   */
  public static Tensor unfold(Tensor x, Window window) {
    return batched(x, i -> Unfold.apply(i, window.convolution()));
  }

  /**
   * Images from the columns of their windows, added up where these overlap: {@code torch.nn.functional.fold}. The
   * adjoint of {@link #unfold}, not its inverse.
   *
   * @param columns (N, C · kernel height · kernel width, places), or without N
   * @param height of the images
   * @param width of the images
   * @param window stride 1 unless set
   * @return (N, C, height, width), or without N
   * @throws ShapeException if they do not fit
   */
  public static Tensor fold(Tensor columns, int height, int width, Window window) {
    if (columns.rank() == 2) return fold(columns.unsqueeze(0), height, width, window).squeeze(0);
    return Fold.apply(columns, height, width, window.convolution());
  }

  /**
   * The windows of images as rows, one for each place: with weights as columns, convolution is a product of matrices.
   *
   * <pre>{@code
   * Tensor rows = Functional.im2col(x, Window.of(5));   // (10, 3, 7, 7) to (90, 75)
   * Tensor y = rows.matmul(w.reshape(-1, 75).t());      // (90, out)
   * y = y.reshape(10, 3, 3, -1).permute(0, 3, 1, 2);    // (10, out, 3, 3)
   * }</pre>
   *
   * @param x (N, C, H, W)
   * @param window stride 1 unless set
   * @return (N · H' · W', C · kernel height · kernel width)
   * @throws ShapeException if the window does not fit
   */
  public static Tensor im2col(Tensor x, Window window) {
    Tensor columns = Unfold.apply(x, window.convolution());
    return columns.permute(0, 2, 1).reshape(-1, columns.dim(1));
  }

  /**
   * Images from the rows of their windows, added up where these overlap: the adjoint of {@link #im2col}.
   *
   * @param rows (N · H' · W', C · kernel height · kernel width)
   * @param shape N, C, H, W
   * @param window stride 1 unless set
   * @return (N, C, H, W)
   * @throws ShapeException if they do not fit
   */
  public static Tensor col2im(Tensor rows, int[] shape, Window window) {
    Shape images = Shape.of(shape);
    if (images.rank() != 4) throw new ShapeException("col2im: expected a shape (N, C, H, W), got " + images);
    Window w = window.convolution();
    long n = (long) images.dim(0) * w.height().out(images.dim(2)) * w.width().out(images.dim(3));
    long taps = (long) w.height().kernel() * w.width().kernel() * images.dim(1);
    if (rows.rank() != 2 || rows.dim(0) != n || rows.dim(1) != taps) {
      throw new ShapeException("col2im: expected " + n + " rows of " + taps + " for images of shape " + images
          + ", got shape " + rows.shape());
    }
    Tensor columns = rows.reshape(images.dim(0), -1, rows.dim(1)).permute(0, 2, 1);
    return Fold.apply(columns, images.dim(2), images.dim(3), w);
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

  /**
   * Whole channels zero with probability p, the others x / (1 - p); x itself when not training.
   *
   * @param x (N, C, …)
   * @throws IllegalArgumentException unless 0 &lt;= p &lt;= 1
   * @throws ShapeException if x has fewer than two dimensions
   */
  public static Tensor dropout2d(Tensor x, double p, boolean training) {
    Check.range("dropout2d: p", p, 0, 1);
    if (x.rank() < 2) throw new ShapeException("dropout2d: expected (N, C, …), got shape " + x.shape());
    if (!training || p == 0) return x;
    int[] channels = x.shape().dims();
    Arrays.fill(channels, 2, channels.length, 1);
    return x.mul(Dropout.apply(Tensor.ones(channels), p));
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
   * @throws IllegalArgumentException if a label is not in 0..C-1; {@link CrossEntropyLoss} ignores -100, too
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

  /**
   * -(t ln x + (1 - t) ln(1 - x)), logarithms not below -100 as in PyTorch; equal shapes.
   *
   * @throws IllegalArgumentException if an x is not in 0..1, or NaN
   */
  public static Tensor bceLoss(Tensor probabilities, Tensor targets, Reduction reduction) {
    return Bce.apply("bceLoss", probabilities, targets, reduction);
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
    Tensor d = x.sub(target), c = d.clamp(-delta, delta);
    return reduction.of(c.mul(d.sub(c.mul(0.5))));
  }

  /** d²/(2 beta) where d = |x - t| &lt; beta, else d - beta/2; equal shapes, beta &gt;= 0. */
  public static Tensor smoothL1Loss(Tensor x, Tensor target, double beta, Reduction reduction) {
    Pairs.check("smoothL1Loss", x, target);
    if (!(beta >= 0)) throw new IllegalArgumentException("smoothL1Loss: beta must not be negative, got " + beta);
    return beta == 0 ? l1Loss(x, target, reduction) : huberLoss(x, target, beta, reduction).div(beta);
  }

  /**
   * t (ln t - x), and 0 where t is and x is finite: the divergence of the distribution t from eˣ. Equal shapes.
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

  /** min(max(x, 0), 6), with the gradient 0 at 0 and 6 and beyond. */
  public static Tensor relu6(Tensor x) {
    return Relu6.apply(x);
  }

  /** x where x &gt; 0, else slope x. */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return x.leakyRelu(slope);
  }

  /** x where x &gt; 0, else alpha (eˣ - 1). */
  public static Tensor elu(Tensor x, double alpha) {
    return x.elu(alpha);
  }

  /** x Φ(x), Φ being the normal distribution N(0, 1). */
  public static Tensor gelu(Tensor x) {
    return x.gelu();
  }

  /** x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2: PyTorch's {@code gelu(x, approximate='tanh')}. */
  public static Tensor geluTanh(Tensor x) {
    return Gelu.apply(x, true);
  }

  /** x / (1 + e⁻ˣ). */
  public static Tensor silu(Tensor x) {
    return x.silu();
  }

  /** 1 where x &gt; 0, else 0. Its gradient is 0 everywhere. */
  public static Tensor step(Tensor x) {
    return x.step();
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
