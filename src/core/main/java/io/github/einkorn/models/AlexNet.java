package io.github.einkorn.models;

import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.LRN;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import java.util.List;

/**
 * Images (N, 3, 227, 227) to (N, numClasses): five convolutions and three linear layers (Krizhevsky, Sutskever and
 * Hinton 2012, ImageNet Classification with Deep Convolutional Neural Networks), 62,378,344 parameters for 1,000
 * classes. Local response normalization, with radius 2, k = 1, α = 2e-5 and β = 0.75 ({@link LRN}), comes after the
 * ReLU of the first two convolutions. Unlike in the paper, which spread its channels over two devices, every
 * convolution sees all channels. Names are Caffe's: {@code conv1} to {@code conv5}, {@code fc6} to {@code fc8}.
 *
 * <p>As in the paper, weights start from N(0, 0.01²), and biases from 1 in the second, fourth and fifth convolution and
 * the hidden linear layers, from 0 elsewhere.
 */
public final class AlexNet extends Sequential {
  /**
   * A model with weights that are not trained.
   *
   * @throws IllegalArgumentException unless there is at least one class
   */
  public AlexNet(int numClasses) {
    add("conv1", new Conv2d(3, 96, Window.of(11).stride(4))).add("relu1", new ReLU()).add("norm1", norm());
    add("pool1", pool());
    add("conv2", new Conv2d(96, 256, Window.same(5))).add("relu2", new ReLU()).add("norm2", norm());
    add("pool2", pool());
    add("conv3", new Conv2d(256, 384, Window.same(3))).add("relu3", new ReLU());
    add("conv4", new Conv2d(384, 384, Window.same(3))).add("relu4", new ReLU());
    add("conv5", new Conv2d(384, 256, Window.same(3))).add("relu5", new ReLU());
    add("pool5", pool()).add("flatten", new Flatten());
    add("fc6", new Linear(256 * 6 * 6, 4096)).add("relu6", new ReLU()).add("dropout6", new Dropout(0.5));
    add("fc7", new Linear(4096, 4096)).add("relu7", new ReLU()).add("dropout7", new Dropout(0.5));
    add("fc8", new Linear(4096, numClasses));
    Weights.convolutions(this, Weights::small);
    Weights.linear(this, Weights::small);
    for (String name : List.of("conv2", "conv4", "conv5", "fc6", "fc7")) {
      children().get(name).init("bias", Init::ones);
    }
  }

  private static LRN norm() {
    return new LRN(2).k(1).alpha(2e-5).beta(0.75);
  }

  private static MaxPool2d pool() {
    return new MaxPool2d(Window.of(3).stride(2));
  }
}
