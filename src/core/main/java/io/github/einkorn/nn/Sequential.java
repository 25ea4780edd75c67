package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import java.util.ArrayList;
import java.util.List;

/**
 * y = layerₙ(… layer₁(layer₀(x))): layers one after the other, named "0", "1", … as in PyTorch.
 *
 * <pre>{@code
 * var model = new Sequential(new Flatten(), new Linear(784, 256), new ReLU(), new Linear(256, 10));
 * var named = new Sequential().add("hidden", new Linear(784, 256)).add("act", new ReLU());
 * }</pre>
 *
 * <p>A model of one's own can extend it and {@code add} its layers in the constructor.
 *
 * <p>Where no gradient is needed, each activation is freed as soon as the next one is there. A convolution or batch
 * normalization and the ReLU or ReLU6 behind it are computed in one pass, so are a {@link Linear} and the ReLU, ReLU6,
 * Tanh or Sigmoid behind it, and a max-pooling and the ReLU behind or before it: the largest of maxima is the maximum
 * of the largest, and their gradients are the same. A convolution of few channels whose input asks for no gradient
 * takes the activation and the pooling behind it along.
 */
public class Sequential extends BuiltIn {
  private final List<Layer> order = new ArrayList<>();

  /**
   * Layers in the order they run.
   *
   * @throws IllegalArgumentException if one is null or already part of a layer
   */
  public Sequential(Layer... layers) {
    for (Layer l : layers) add(l);
  }

  /** Appends a layer named by its index; returns this. */
  public final Sequential add(Layer layer) {
    return add(String.valueOf(order.size()), layer);
  }

  /**
   * Appends a layer with a name; returns this.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot, or if the layer is already part of one
   */
  public final Sequential add(String name, Layer layer) {
    order.add(child(name, layer));
    return this;
  }

  /**
   * The layer at an index; negative ones count from the end.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public final Layer get(int i) {
    return order.get(i < 0 ? i + order.size() : i);
  }

  /** Number of layers. */
  public final int size() {
    return order.size();
  }

  @Override
  Tensor compute(Tensor x) {
    return through(x, order.size());
  }

  /** The output of the layers before index end, where there is none or a normalization. */
  final Tensor through(Tensor x, int end) {
    Tensor h = x;
    boolean owned = false; // h was made here, and nobody else can have it
    for (int i = 0; i < end; i++) {
      Layer layer = order.get(pooled(i) ? i + 1 : i);
      boolean plain = layer.isPlain();
      Fusion.Pooled pooling = Fusion.pooling(order, i);
      Tensor y = pooling == null ? null : ((Conv2d) layer).runPooling(h, pooling.pooling());
      if (y != null) {
        i = pooling.last();
      } else if (pooled(i) || fused(i)) {
        y = ((BuiltIn) layer).run(h, pooled(i) ? Activation.RELU : Fusion.activation(order.get(i + 1)));
        i++;
      } else {
        y = layer.run(h);
      }
      if (y != h) {
        // a view of h shares its memory, which goes with the last of them
        if (owned && plain && !y.requiresGrad() && !h.requiresGrad()) h.close();
        owned = true;
      }
      owned &= plain;
      h = y;
    }
    return h;
  }

  /** Whether a layer takes the activation behind it along. */
  private boolean fused(int i) {
    return i + 1 < order.size() && !pooled(i + 1) && Fusion.takes(order.get(i), Fusion.activation(order.get(i + 1)));
  }

  /** Whether a ReLU is left to the pooling behind it. */
  private boolean pooled(int i) {
    return i + 1 < order.size() && Fusion.isRelu(order.get(i)) && Fusion.takesReluBefore(order.get(i + 1));
  }
}
