package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/** What convolutions share: channels, groups, weight and bias. B is the layer, for its options to return. */
abstract class Convolution<B extends Convolution<B>> extends BuiltIn {
  final int in;
  final int out;
  final Window window;
  private int groups = 1;
  private Tensor weight;
  private Tensor bias;

  Convolution(int in, int out, Window window) {
    this.in = positive("in", in);
    this.out = positive("out", out);
    this.window = window.convolution();
    draw(true);
  }

  abstract B self();

  /** The shape of W; its extents from 1 on are what an output is the sum of, for the range it is drawn from. */
  abstract Shape weightShape(int groups);

  /** Whether there is a bias b; the default is true. Returns this. */
  public B bias(boolean wanted) {
    if (wanted == (bias != null)) return self();
    if (wanted) {
      drawBias();
    } else {
      drop("bias");
      bias = null;
    }
    return self();
  }

  /**
   * Splits the channels into independent parts; the default is 1. Draws the parameters anew and frees those before.
   * Returns this.
   *
   * @throws IllegalArgumentException unless it divides both numbers of channels
   */
  public B groups(int g) {
    if (in % positive("groups", g) != 0 || out % g != 0) {
      throw new IllegalArgumentException(type() + ": groups must divide " + in + " and " + out + " channels, got " + g);
    }
    groups = g;
    drop("weight");
    drop("bias");
    draw(bias != null);
    return self();
  }

  private void draw(boolean withBias) {
    weight = parameter("weight", () -> {
      Tensor w = Tensor.empty(weightShape(groups));
      return Init.standard(w, Init.fanIn(w));
    });
    if (withBias) drawBias();
  }

  private void drawBias() {
    bias = parameter("bias", () -> Init.standard(Tensor.empty(Shape.of(out)), Init.fanIn(weight)));
  }

  /** W, as the layer's description gives its shape. */
  public Tensor weight() {
    return weight;
  }

  /** b (out), or null. */
  public Tensor bias() {
    return bias;
  }

  final int groups() {
    return groups;
  }

  @Override
  int inputRank() {
    return 4;
  }

  /** The window as it is printed, with options that only some convolutions have. */
  String windowText() {
    return window.toString();
  }

  @Override
  protected String details() {
    return in + ", " + out + ", " + windowText() + (groups > 1 ? ", groups=" + groups : "")
        + (bias == null ? ", bias=False" : "");
  }
}
