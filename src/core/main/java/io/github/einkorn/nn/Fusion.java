package io.github.einkorn.nn;

/** Which neighbours are computed in one pass; not those whose outputs a hook looks at. */
final class Fusion {
  private Fusion() {}

  static boolean isRelu(Layer l) {
    return l instanceof ReLU && l.isPlain();
  }

  /** Whether it computes the ReLU behind it as well. */
  static boolean takesRelu(Layer l) {
    return (l instanceof Convolution || l instanceof BatchNorm || l instanceof MaxPool2d) && l.isPlain();
  }

  /** Whether it computes the ReLU in front of it as well: the largest of maxima is the maximum of the largest. */
  static boolean takesReluBefore(Layer l) {
    return isMaxPool(l);
  }

  static boolean isMaxPool(Layer l) {
    return l instanceof MaxPool2d && l.isPlain();
  }

  /** Whether it may compute the max-pooling behind it, or behind its ReLU, as well. */
  static boolean takesPooling(Layer l) {
    return l instanceof Conv2d && l.isPlain();
  }
}
