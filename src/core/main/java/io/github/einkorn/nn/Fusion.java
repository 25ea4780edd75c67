package io.github.einkorn.nn;

import io.github.einkorn.ops.Activation;
import io.github.einkorn.ops.ConvPool2d;
import java.util.List;

/** Which neighbours are computed in one pass; not those whose outputs a hook looks at. */
final class Fusion {
  /** Layers that decide on a pooling: a convolution, its activation, the pooling, and a flattening. */
  static final int POOLED_LAYERS = 4;

  private Fusion() {}

  /** What a layer is among those that others take along, or IDENTITY if it is none. */
  static Activation activation(Layer l) {
    if (!l.isPlain()) return Activation.IDENTITY;
    return l instanceof ReLU ? Activation.RELU : l instanceof ReLU6 ? Activation.RELU6
        : l instanceof Tanh ? Activation.TANH : l instanceof Sigmoid ? Activation.SIGMOID : Activation.IDENTITY;
  }

  static boolean isRelu(Layer l) {
    return activation(l) == Activation.RELU;
  }

  /** Whether it computes an activation behind it as well. */
  static boolean takes(Layer l, Activation activation) {
    if (activation == Activation.IDENTITY || !l.isPlain()) return false;
    return l instanceof Linear
        || activation.isRectifier() && (l instanceof Convolution || l instanceof BatchNorm)
        || activation == Activation.RELU && l instanceof MaxPool2d;
  }

  /** Whether it is a normalization that computes a sum behind it as well: {@link BatchNorm#run}. */
  static boolean takesSum(Layer l) {
    return l instanceof BatchNorm2d && l.isTraining() && l.isPlain();
  }

  /** Whether it computes the ReLU in front of it as well: the largest of maxima is the maximum of the largest. */
  static boolean takesReluBefore(Layer l) {
    return isMaxPool(l);
  }

  static boolean isMaxPool(Layer l) {
    return l instanceof MaxPool2d && l.isPlain();
  }

  /** The pooling behind a convolution, which may compute it as well: where the last layer of it is, and what it is. */
  record Pooled(int last, ConvPool2d.Pooling pooling) {}

  /** The pooling behind layer i, or behind its activation; null if there is none. */
  static Pooled pooling(List<Layer> layers, int i) {
    if (!(layers.get(i) instanceof Conv2d conv && conv.isPlain())) return null;
    Activation activation = activation(layers, i + 1);
    int at = activation == Activation.IDENTITY ? i + 1 : i + 2;
    if (at >= layers.size()) return null;
    Layer pool = layers.get(at);
    boolean average = pool instanceof AvgPool2d && pool.isPlain();
    if (!average && !isMaxPool(pool)) return null;
    // a ReLU may as well be behind the largest
    if (!average && activation == Activation.IDENTITY && activation(layers, at + 1) == Activation.RELU) {
      activation = Activation.RELU;
      at++;
    }
    Window window = average ? ((AvgPool2d) pool).window() : ((MaxPool2d) pool).window();
    boolean flattened = at + 1 < layers.size() && layers.get(at + 1) instanceof Flatten;
    return new Pooled(at, new ConvPool2d.Pooling(window, average, activation, flattened));
  }

  private static Activation activation(List<Layer> layers, int i) {
    Activation a = i < layers.size() ? activation(layers.get(i)) : Activation.IDENTITY;
    return a == Activation.RELU6 ? Activation.IDENTITY : a; // poolings do not take it along
  }
}
