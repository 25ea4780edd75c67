package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = layer₀(x), layer₁(x), … one after the other along a dimension: the depth concatenation of GoogLeNet. The layers
 * are named "0", "1", … unless told otherwise.
 *
 * <pre>{@code
 * var inception = new Concat(1, new Conv2d(192, 64, 1),
 *     new Sequential(new Conv2d(192, 96, 1), new ReLU(), new Conv2d(96, 128, Window.same(3))));
 * }</pre>
 */
public final class Concat extends BuiltIn {
  private final int dim;
  private final List<Layer> branches = new ArrayList<>();

  /**
   * Along a dimension, of which negative ones count from the end: 1 joins channels.
   *
   * @throws IllegalArgumentException if a layer is null or already part of a layer
   */
  public Concat(int dim, Layer... branches) {
    this.dim = dim;
    for (Layer l : branches) add(l);
  }

  /** Appends a layer named by its index; returns this. */
  public Concat add(Layer branch) {
    return add(String.valueOf(branches.size()), branch);
  }

  /**
   * Appends a layer with a name; returns this.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot, or if the layer is already part of one
   */
  public Concat add(String name, Layer branch) {
    branches.add(child(name, branch));
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    if (branches.isEmpty()) throw new IllegalStateException("Concat: there are no layers to join");
    Tensor[] parts = branches.stream().map(b -> b.run(x)).toArray(Tensor[]::new);
    Tensor y = Tensor.cat(dim, parts);
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] != x && branches.get(i).isPlain() && !parts[i].requiresGrad()) parts[i].close();
    }
    return y;
  }

  @Override
  protected String details() {
    return "dim=" + dim;
  }
}
