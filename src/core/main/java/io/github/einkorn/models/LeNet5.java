package io.github.einkorn.models;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.RBF;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.ScaledTanh;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.SparseConv2d;
import io.github.einkorn.nn.Subsample2d;
import io.github.einkorn.nn.Window;

/**
 * LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning Applied to Document Recognition): digits (N,
 * 1, 32, 32), or (N, 1, 28, 28) which get a border of zeros, to (N, 10).
 */
public final class LeNet5 extends Layer {
  /** The maps of S2 that each of the 16 maps of C3 sees: the paper's table I. */
  private static final int[][] C3 = {
    {0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {0, 4, 5}, {0, 1, 5},
    {0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
    {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5},
    {0, 1, 2, 3, 4, 5}
  };

  private final Sequential features;
  private final Sequential classifier;

  private LeNet5(Sequential features, Sequential classifier) {
    this.features = child("features", features);
    this.classifier = child("classifier", classifier);
  }

  /**
   * As the paper has it, with 60,000 parameters: C1 of 6 maps (156), subsampling S2 that is learnt (12), the sparse C3
   * of 16 maps (1,516), S4 (32), C5 of 120 maps (48,120) and F6 of 84 units (10,164), squashed by 1.7159 tanh(2/3 x),
   * and an {@link RBF} layer. The answer to y is {@code y.argmin(1)}, and {@link io.github.einkorn.nn.RBFLoss} trains
   * it. In the paper pixels go from -0.1 (background) to 1.175 (ink), with which it learns faster than from 0 to 1:
   * {@code x.pad2d(2).mul(1.275).sub(0.1)} makes them so, border included.
   */
  public static LeNet5 original() {
    return new LeNet5(
        new Sequential()
            .add("c1", new Conv2d(1, 6, 5)).add("squash1", new ScaledTanh())
            .add("s2", new Subsample2d(6, 2)).add("squash2", new ScaledTanh())
            .add("c3", new SparseConv2d(6, C3, Window.of(5))).add("squash3", new ScaledTanh())
            .add("s4", new Subsample2d(16, 2)).add("squash4", new ScaledTanh())
            .add("c5", new Conv2d(16, 120, 5)).add("squash5", new ScaledTanh()),
        new Sequential().add("flatten", new Flatten())
            .add("f6", new Linear(120, 84)).add("squash6", new ScaledTanh())
            .add("output", RBF.digits()));
  }

  /**
   * As it is built today, with 61,706 parameters: ReLU, max-pooling, a C3 that sees all maps, and 10 scores for {@link
   * io.github.einkorn.nn.CrossEntropyLoss} in the end.
   */
  public static LeNet5 modern() {
    return new LeNet5(
        new Sequential(new Conv2d(1, 6, 5), new ReLU(), new MaxPool2d(2),
            new Conv2d(6, 16, 5), new ReLU(), new MaxPool2d(2), new Conv2d(16, 120, 5), new ReLU()),
        new Sequential(new Flatten(), new Linear(120, 84), new ReLU(), new Linear(84, 10)));
  }

  @Override
  public Tensor forward(Tensor x) {
    int size = x.rank() == 4 && x.dim(2) == x.dim(3) ? x.dim(2) : 0;
    if (size != 32 && size != 28) {
      throw new ShapeException("LeNet5: expected (N, 1, 32, 32) or (N, 1, 28, 28), got shape " + x.shape());
    }
    return classifier.forward(features.forward(size == 28 ? x.pad2d(2) : x));
  }
}
