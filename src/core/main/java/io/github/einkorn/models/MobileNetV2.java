package io.github.einkorn.models;

import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU6;
import io.github.einkorn.nn.Residual;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;

/**
 * Images (N, 3, H, W), 224×224 in the paper, to (N, numClasses) by residual blocks that are narrow between and wide
 * inside, where each channel has a convolution of its own (Sandler, Howard, Zhu, Zhmoginov and Chen 2018, <a
 * href="https://arxiv.org/abs/1801.04381">MobileNetV2: Inverted Residuals and Linear Bottlenecks</a>): 3,504,872
 * parameters for 1,000 classes. Layers, first weights and the names in the state dict are torchvision's, so that its
 * weights can be loaded.
 */
public final class MobileNetV2 extends Sequential {
  /** The paper's table 2: how much wider inside, channels, number of blocks, stride of the first. */
  private static final int[][] BLOCKS = {
    {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
  };

  /**
   * A model with weights that are not trained.
   *
   * @throws IllegalArgumentException unless there is at least one class
   */
  public MobileNetV2(int numClasses) {
    var features = new Sequential(activated(3, 32, 3, 2, 1));
    int channels = 32;
    for (int[] b : BLOCKS) {
      for (int i = 0; i < b[2]; i++) {
        features.add(inverted(channels, b[1], b[0], i == 0 ? b[3] : 1));
        channels = b[1];
      }
    }
    add("features", features.add(activated(channels, 1280, 1, 1, 1)));
    add("avgpool", new GlobalAvgPool2d()).add("flatten", new Flatten());
    add("classifier", new Sequential(new Dropout(0.2), new Linear(1280, numClasses)));
    Weights.convolutions(this, Weights::fanOut);
    Weights.linear(this, Weights::small);
  }

  private static Sequential inverted(int in, int out, int widening, int stride) {
    int inside = in * widening;
    var conv = new Sequential();
    if (widening > 1) conv.add(activated(in, inside, 1, 1, 1));
    conv.add(activated(inside, inside, 3, stride, inside));
    conv.add(new Conv2d(inside, out, 1).bias(false)).add(new BatchNorm2d(out));
    return (stride == 1 && in == out ? new Residual() : new Sequential()).add("conv", conv);
  }

  private static Sequential activated(int in, int out, int kernel, int stride, int groups) {
    var window = Window.of(kernel).stride(stride).pad(kernel / 2);
    return new Sequential(new Conv2d(in, out, window).groups(groups).bias(false), new BatchNorm2d(out), new ReLU6());
  }
}
