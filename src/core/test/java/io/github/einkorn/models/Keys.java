package io.github.einkorn.models;

import java.util.ArrayList;
import java.util.List;

/** The names in the state dicts of torchvision's models, from the structure of its classes. */
final class Keys {
  final List<String> all = new ArrayList<>();

  Keys weight(String layer) {
    all.add(layer + ".weight");
    return this;
  }

  Keys affine(String layer) {
    weight(layer);
    all.add(layer + ".bias");
    return this;
  }

  Keys batchNorm(String layer) {
    affine(layer);
    for (String buffer : List.of("running_mean", "running_var", "num_batches_tracked")) all.add(layer + "." + buffer);
    return this;
  }

  /** torchvision.models.resnet: BasicBlock of two convolutions, or Bottleneck of three. */
  static List<String> resNet(int convolutions, int... blocks) {
    var keys = new Keys().weight("conv1").batchNorm("bn1");
    for (int layer = 1; layer <= 4; layer++) {
      for (int block = 0; block < blocks[layer - 1]; block++) {
        String at = "layer" + layer + "." + block + ".";
        for (int c = 1; c <= convolutions; c++) keys.weight(at + "conv" + c).batchNorm(at + "bn" + c);
        // the shape changes in the first block of each layer, but for ResNet-18's and 34's first
        if (block == 0 && (layer > 1 || convolutions == 3)) {
          keys.weight(at + "downsample.0").batchNorm(at + "downsample.1");
        }
      }
    }
    return keys.affine("fc").all;
  }

  /** torchvision.models.vgg: cfgs, M being a pooling; make_layers counts pooling, normalization and ReLU too. */
  static List<String> vgg(String cfg, boolean batchNorm) {
    var keys = new Keys();
    int index = 0;
    for (String layer : cfg.split(" ")) {
      if (layer.equals("M")) {
        index++;
        continue;
      }
      keys.affine("features." + index++);
      if (batchNorm) keys.batchNorm("features." + index++);
      index++;
    }
    return keys.affine("classifier.0").affine("classifier.3").affine("classifier.6").all;
  }

  /** torchvision.models.mobilenetv2: features 0 and 18 are Conv2dNormActivation, between them InvertedResidual. */
  static List<String> mobileNetV2() {
    var keys = new Keys().weight("features.0.0").batchNorm("features.0.1");
    keys.weight("features.1.conv.0.0").batchNorm("features.1.conv.0.1");
    keys.weight("features.1.conv.1").batchNorm("features.1.conv.2");
    for (int i = 2; i <= 17; i++) {
      String at = "features." + i + ".conv.";
      keys.weight(at + "0.0").batchNorm(at + "0.1").weight(at + "1.0").batchNorm(at + "1.1");
      keys.weight(at + "2").batchNorm(at + "3");
    }
    return keys.weight("features.18.0").batchNorm("features.18.1").affine("classifier.1").all;
  }

  /** torchvision.models.googlenet without its auxiliary classifiers: BasicConv2d has conv and bn. */
  static List<String> googLeNet() {
    var keys = new Keys();
    for (int i = 1; i <= 3; i++) keys.basic("conv" + i);
    for (String name : "3a 3b 4a 4b 4c 4d 4e 5a 5b".split(" ")) {
      String at = "inception" + name + ".branch";
      for (String branch : "1 2.0 2.1 3.0 3.1 4.1".split(" ")) keys.basic(at + branch);
    }
    return keys.affine("fc").all;
  }

  private void basic(String at) {
    weight(at + ".conv").batchNorm(at + ".bn");
  }
}
