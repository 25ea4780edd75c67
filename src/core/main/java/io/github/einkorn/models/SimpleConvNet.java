package io.github.einkorn.models;

import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Images (N, channels, size, size) to (N, numClasses) scores: convolution, ReLU, max-pooling, and two affine layers
 * with a ReLU between (Saito 2016, Deep Learning from Scratch, chapter 7). For digits, 433,890 parameters. Weights
 * start from N(0, 0.01²), biases from 0.
 */
public final class SimpleConvNet extends Sequential {
  /** For MNIST: images (N, 1, 28, 28), 30 filters of 5×5, 100 hidden units, 10 classes. */
  public SimpleConvNet() {
    this(1, 28, 30, 5, 100, 10);
  }

  /**
   * For square images of this many channels and this size.
   *
   * @throws IllegalArgumentException if a number is below 1, or the filter is larger than the image
   */
  public SimpleConvNet(int channels, int size, int filters, int filterSize, int hidden, int numClasses) {
    int pooled = (size - filterSize + 1) / 2;
    if (pooled < 1) {
      throw new IllegalArgumentException("SimpleConvNet: filters of " + filterSize + " and a pooling of 2 leave nothing"
          + " of images of " + size);
    }
    add("conv1", new Conv2d(channels, filters, filterSize)).add("relu1", new ReLU()).add("pool1", new MaxPool2d(2));
    add("flatten", new Flatten()).add("affine1", new Linear(filters * pooled * pooled, hidden));
    add("relu2", new ReLU()).add("affine2", new Linear(hidden, numClasses));
    Weights.convolutions(this, Weights::small);
    Weights.linear(this, Weights::small);
  }

  /** The mean cross-entropy of the softmax of the scores. */
  public Tensor loss(Tensor x, Tensor labels) {
    return Functional.crossEntropy(forward(x), labels);
  }

  /** The gradients of the loss by name, such as {@code conv1.weight}; those of earlier calls are freed. */
  public Map<String, Tensor> gradient(Tensor x, Tensor labels) {
    parameters().forEach(Tensor::zeroGrad);
    loss(x, labels).backward();
    var gradients = new LinkedHashMap<String, Tensor>();
    namedParameters().forEach((name, p) -> gradients.put(name, p.grad()));
    return gradients;
  }
}
