package io.github.einkorn.models;

import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.Tensor;
import java.util.function.Consumer;

/** First values of the weights of whole models. */
final class Weights {
  private Weights() {}

  /** Draws the weights of all convolutions; their biases become 0. */
  static void convolutions(Layer model, Consumer<Tensor> draw) {
    for (Layer l : model.layers()) if (l instanceof Conv2d c) init(c, c.bias(), draw);
  }

  /** Draws the weights of all linear layers; their biases become 0. */
  static void linear(Layer model, Consumer<Tensor> draw) {
    for (Layer l : model.layers()) if (l instanceof Linear f) init(f, f.bias(), draw);
  }

  private static void init(Layer l, Tensor bias, Consumer<Tensor> draw) {
    l.init("weight", draw);
    if (bias != null) l.init("bias", Init::zeros);
  }

  /** N(0, 2 / fan_out), as torchvision draws the weights before ReLU. */
  static void fanOut(Tensor w) {
    Init.heNormal(w, Init.Fan.OUT);
  }

  /** N(0, 0.01²). */
  static void small(Tensor w) {
    Init.normal(w, 0, 0.01);
  }
}
