package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * y = a · mean of each window + b, with a coefficient a and a bias b for each channel that are learnt: (N, C, H, W) to
 * (N, C, H', W'). The subsampling layers of LeNet-5 (LeCun et al. 1998, II.B), where an activation follows. a (C)
 * starts at 1 and b (C) at 0: an average pooling.
 */
public final class Subsample2d extends BuiltIn {
  private final int channels;
  private final Window window;
  private final Tensor weight;
  private final Tensor bias;

  /**
   * Of a square window that moves by its size.
   *
   * @throws IllegalArgumentException unless there is at least one channel
   */
  public Subsample2d(int channels, int kernel) {
    this(channels, Window.of(kernel));
  }

  /**
   * Of a window; its stride is its kernel unless set.
   *
   * @throws IllegalArgumentException unless there is at least one channel
   */
  public Subsample2d(int channels, Window window) {
    this.channels = positive("channels", channels);
    this.window = window.pooling();
    weight = parameter("weight", Tensor.ones(channels));
    bias = parameter("bias", Tensor.zeros(channels));
  }

  /** a (C). */
  public Tensor weight() {
    return weight;
  }

  /** b (C). */
  public Tensor bias() {
    return bias;
  }

  @Override
  Tensor compute(Tensor x) {
    Tensor mean = Functional.avgPool2d(x, window, true);
    return mean.mul(weight.reshape(channels, 1, 1)).add(bias.reshape(channels, 1, 1));
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return channels + ", " + PoolText.of(window, "kernel_size", "stride", "padding");
  }
}
