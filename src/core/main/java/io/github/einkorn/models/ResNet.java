package io.github.einkorn.models;

import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Residual;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;

/**
 * Images (N, 3, H, W), 224×224 in the paper, to (N, numClasses) by residual blocks (He, Zhang, Ren and Sun 2015, <a
 * href="https://arxiv.org/abs/1512.03385">Deep Residual Learning for Image Recognition</a>). Layers, first weights and
 * the names in the state dict are torchvision's, so that its weights can be loaded; as there, the bottleneck of
 * ResNet-50 has its stride in the 3×3 convolution.
 */
public final class ResNet extends Sequential {
  private ResNet(int numClasses, boolean bottleneck, int... blocks) {
    add("conv1", conv(3, 64, 7, 2));
    add("bn1", new BatchNorm2d(64)).add("relu", new ReLU());
    add("maxpool", new MaxPool2d(Window.of(3).stride(2).pad(1)));
    int channels = 64;
    for (int i = 0; i < blocks.length; i++) {
      int width = 64 << i, out = bottleneck ? 4 * width : width;
      var layer = new Sequential();
      for (int k = 0; k < blocks[i]; k++) {
        int stride = k == 0 && i > 0 ? 2 : 1;
        layer.add(bottleneck ? bottleneck(channels, width, stride) : basic(channels, width, stride));
        channels = out;
      }
      add("layer" + (i + 1), layer);
    }
    add("avgpool", new GlobalAvgPool2d()).add("flatten", new Flatten());
    add("fc", new Linear(channels, numClasses));
    Weights.convolutions(this, Weights::fanOut);
  }

  /** ResNet-18: 11,689,512 parameters for 1,000 classes. */
  public static ResNet resnet18(int numClasses) {
    return new ResNet(numClasses, false, 2, 2, 2, 2);
  }

  /** ResNet-34: 21,797,672 parameters for 1,000 classes. */
  public static ResNet resnet34(int numClasses) {
    return new ResNet(numClasses, false, 3, 4, 6, 3);
  }

  /** ResNet-50: 25,557,032 parameters for 1,000 classes. */
  public static ResNet resnet50(int numClasses) {
    return new ResNet(numClasses, true, 3, 4, 6, 3);
  }

  private static Residual basic(int in, int width, int stride) {
    var block = new Residual();
    block.add("conv1", conv(in, width, 3, stride)).add("bn1", new BatchNorm2d(width)).add("relu", new ReLU());
    block.add("conv2", conv(width, width, 3, 1)).add("bn2", new BatchNorm2d(width));
    return shortcut(block, in, width, stride);
  }

  private static Residual bottleneck(int in, int width, int stride) {
    int out = 4 * width;
    var block = new Residual();
    block.add("conv1", conv(in, width, 1, 1)).add("bn1", new BatchNorm2d(width)).add("relu1", new ReLU());
    block.add("conv2", conv(width, width, 3, stride)).add("bn2", new BatchNorm2d(width)).add("relu2", new ReLU());
    block.add("conv3", conv(width, out, 1, 1)).add("bn3", new BatchNorm2d(out));
    return shortcut(block, in, out, stride);
  }

  private static Residual shortcut(Residual block, int in, int out, int stride) {
    if (in != out || stride != 1) {
      block.shortcut("downsample", new Sequential(conv(in, out, 1, stride), new BatchNorm2d(out)));
    }
    return block.relu(true);
  }

  private static Conv2d conv(int in, int out, int kernel, int stride) {
    return new Conv2d(in, out, Window.of(kernel).stride(stride).pad(kernel / 2)).bias(false);
  }
}
