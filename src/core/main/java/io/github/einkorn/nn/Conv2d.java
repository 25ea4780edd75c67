package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y = x ⋆ W + b: (N, in, H, W) to (N, out, H', W'). W (out, in / groups, kernel height, kernel width) and b (out) start
 * from U(±1/√fan_in) with fan_in = in / groups · kernel, as in PyTorch.
 */
public final class Conv2d extends BuiltIn {
  private final int in;
  private final int out;
  private final Window window;
  private int groups = 1;
  private Tensor weight;
  private Tensor bias;

  /**
   * With a square kernel, stride 1 and no padding.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel));
  }

  /**
   * With a window; its stride is 1 unless set.
   *
   * @throws IllegalArgumentException unless the numbers of channels are at least 1
   */
  public Conv2d(int in, int out, Window window) {
    this.in = positive("in", in);
    this.out = positive("out", out);
    this.window = window.convolution();
    draw(true);
  }

  /** Whether there is a bias b; the default is true. Returns this. */
  public Conv2d bias(boolean wanted) {
    if (wanted == (bias != null)) return this;
    if (wanted) {
      drawBias();
    } else {
      drop("bias");
      bias = null;
    }
    return this;
  }

  /**
   * Splits the channels into independent parts; the default is 1. Draws the parameters anew. Returns this.
   *
   * @throws IllegalArgumentException unless it divides both numbers of channels
   */
  public Conv2d groups(int g) {
    if (in % positive("groups", g) != 0 || out % g != 0) {
      throw new IllegalArgumentException("Conv2d: groups must divide " + in + " and " + out + " channels, got " + g);
    }
    groups = g;
    drop("weight");
    drop("bias");
    draw(bias != null);
    return this;
  }

  private void draw(boolean withBias) {
    weight = parameter("weight", () -> {
      Tensor w = Tensor.empty(Shape.of(out, in / groups, window.height().kernel(), window.width().kernel()));
      return Init.standard(w, Init.fanIn(w));
    });
    if (withBias) drawBias();
  }

  private void drawBias() {
    bias = parameter("bias", () -> Init.standard(Tensor.empty(Shape.of(out)), Init.fanIn(weight)));
  }

  /** W (out, in / groups, kernel height, kernel width). */
  public Tensor weight() {
    return weight;
  }

  /** b (out), or null. */
  public Tensor bias() {
    return bias;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.conv2d(x, weight, bias, window, groups);
  }

  @Override
  Tensor computeRelu(Tensor x) {
    return Functional.conv2d(x, weight, bias, window, groups, true);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return in + ", " + out + ", " + window + (groups > 1 ? ", groups=" + groups : "")
        + (bias == null ? ", bias=False" : "");
  }
}
