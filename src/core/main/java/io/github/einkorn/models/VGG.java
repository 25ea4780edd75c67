package io.github.einkorn.models;

import io.github.einkorn.nn.AdaptiveAvgPool2d;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;

/**
 * Images (N, 3, H, W), at least 32×32 and 224×224 in the paper, to (N, numClasses) by 3×3 convolutions alone (Simonyan
 * and Zisserman 2014, <a href="https://arxiv.org/abs/1409.1556">Very Deep Convolutional Networks</a>), with or without
 * batch normalization. Layers, first weights and the names in the state dict are torchvision's, so that its weights can
 * be loaded.
 */
public final class VGG extends Sequential {
  /** {@code numbers[i]} convolutions in the i-th of five groups. */
  private VGG(int numClasses, boolean batchNorm, int... numbers) {
    var features = new Sequential();
    int channels = 3;
    for (int group = 0; group < numbers.length; group++) {
      int width = Math.min(64 << group, 512);
      for (int i = 0; i < numbers[group]; i++) {
        features.add(new Conv2d(channels, width, Window.of(3).pad(1)));
        if (batchNorm) features.add(new BatchNorm2d(width));
        features.add(new ReLU());
        channels = width;
      }
      features.add(new MaxPool2d(2));
    }
    add("features", features).add("avgpool", new AdaptiveAvgPool2d(7)).add("flatten", new Flatten());
    add("classifier", new Sequential(
        new Linear(512 * 7 * 7, 4096), new ReLU(), new Dropout(0.5),
        new Linear(4096, 4096), new ReLU(), new Dropout(0.5),
        new Linear(4096, numClasses)));
    Weights.convolutions(this, Weights::fanOut);
    Weights.linear(this, Weights::small);
  }

  /** VGG-11, configuration A: 132,863,336 parameters for 1,000 classes. */
  public static VGG vgg11(int numClasses) {
    return new VGG(numClasses, false, 1, 1, 2, 2, 2);
  }

  /** VGG-11 with batch normalization: 132,868,840 parameters for 1,000 classes. */
  public static VGG vgg11bn(int numClasses) {
    return new VGG(numClasses, true, 1, 1, 2, 2, 2);
  }

  /** VGG-13, configuration B: 133,047,848 parameters for 1,000 classes. */
  public static VGG vgg13(int numClasses) {
    return new VGG(numClasses, false, 2, 2, 2, 2, 2);
  }

  /** VGG-13 with batch normalization: 133,053,736 parameters for 1,000 classes. */
  public static VGG vgg13bn(int numClasses) {
    return new VGG(numClasses, true, 2, 2, 2, 2, 2);
  }

  /** VGG-16, configuration D: 138,357,544 parameters for 1,000 classes. */
  public static VGG vgg16(int numClasses) {
    return new VGG(numClasses, false, 2, 2, 3, 3, 3);
  }

  /** VGG-16 with batch normalization: 138,365,992 parameters for 1,000 classes. */
  public static VGG vgg16bn(int numClasses) {
    return new VGG(numClasses, true, 2, 2, 3, 3, 3);
  }

  /** VGG-19, configuration E: 143,667,240 parameters for 1,000 classes. */
  public static VGG vgg19(int numClasses) {
    return new VGG(numClasses, false, 2, 2, 4, 4, 4);
  }

  /** VGG-19 with batch normalization: 143,678,248 parameters for 1,000 classes. */
  public static VGG vgg19bn(int numClasses) {
    return new VGG(numClasses, true, 2, 2, 4, 4, 4);
  }
}
