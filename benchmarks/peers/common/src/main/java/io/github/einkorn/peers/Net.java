package io.github.einkorn.peers;

import java.util.List;

/**
 * The nets that are measured: {@code input} is (C, H, W), or one number of features. Trained on random data with
 * cross-entropy: by Adam at 0.001, or by SGD at 0.01 with momentum 0.9. {@code XOR} ends in one probability, and is
 * trained with binary cross-entropy by SGD at 1 without momentum.
 */
public enum Net {
  /** MLP 784-256-256-10. */
  W1(10, Update.ADAM, 784) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.linear(784, 256), l.relu(), l.linear(256, 256), l.relu(), l.linear(256, 10));
    }
  },
  /** SimpleConvNet: convolution 30@5x5, pool, 100, 10. */
  W2(10, Update.ADAM, 1, 28, 28) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.conv(1, 30, 5, 1, 0, true), l.relu(), l.maxPool(2, 2, 0), l.flatten(),
          l.linear(30 * 12 * 12, 100), l.relu(), l.linear(100, 10));
    }
  },
  /** LeNet-5, the modern form. */
  W3(10, Update.MOMENTUM, 1, 28, 28) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.conv(1, 6, 5, 1, 2, true), l.tanh(), l.avgPool(2, 2), l.conv(6, 16, 5, 1, 0, true), l.tanh(),
          l.avgPool(2, 2), l.conv(16, 120, 5, 1, 0, true), l.tanh(), l.flatten(), l.linear(120, 84), l.tanh(),
          l.linear(84, 10));
    }
  },
  /** FashionCnn of the lectures: five "same" convolutions, three pools, dropout. */
  W4(10, Update.ADAM, 1, 28, 28) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.conv(1, 64, 7, 1, 3, true), l.relu(), l.maxPool(2, 2, 0),
          l.conv(64, 128, 3, 1, 1, true), l.relu(), l.conv(128, 128, 3, 1, 1, true), l.relu(), l.maxPool(2, 2, 0),
          l.conv(128, 256, 3, 1, 1, true), l.relu(), l.conv(256, 256, 3, 1, 1, true), l.relu(), l.maxPool(2, 2, 0),
          l.flatten(), l.linear(256 * 3 * 3, 64), l.relu(), l.dropout(0.5), l.linear(64, 64), l.relu(),
          l.dropout(0.5), l.linear(64, 10));
    }
  },
  /** AlexNet of the lectures, without its response normalization. */
  W5(1000, Update.MOMENTUM, 3, 227, 227) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.conv(3, 96, 11, 4, 0, true), l.relu(), l.maxPool(3, 2, 0),
          l.conv(96, 256, 5, 1, 2, true), l.relu(), l.maxPool(3, 2, 0), l.conv(256, 384, 3, 1, 1, true), l.relu(),
          l.conv(384, 384, 3, 1, 1, true), l.relu(), l.conv(384, 256, 3, 1, 1, true), l.relu(), l.maxPool(3, 2, 0),
          l.flatten(), l.dropout(0.5), l.linear(256 * 6 * 6, 4096), l.relu(), l.dropout(0.5), l.linear(4096, 4096),
          l.relu(), l.linear(4096, 1000));
    }
  },
  /** ResNet-18. */
  W6(1000, Update.MOMENTUM, 3, 224, 224) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return ResNets.resNet18(l, 3, 1000);
    }
  },
  /** ResNet-50, with the stride in the 3x3 convolution. */
  RESNET50(1000, Update.MOMENTUM, 3, 224, 224) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return ResNets.resNet50(l, 3, 1000);
    }
  },
  /** MobileNetV2. */
  MOBILENET(1000, Update.MOMENTUM, 3, 224, 224) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return MobileNet.layers(l, 1000);
    }
  },
  /** The quickstart's net. */
  QUICKSTART(10, Update.ADAM, 1, 28, 28) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.conv(1, 32, 3, 1, 1, true), l.batchNorm(32), l.relu(), l.maxPool(2, 2, 0),
          l.conv(32, 64, 3, 1, 1, true), l.batchNorm(64), l.relu(), l.maxPool(2, 2, 0), l.flatten(), l.dropout(0.3),
          l.linear(64 * 7 * 7, 10));
    }
  },
  /** 2-10-10-10-1 with sigmoids. */
  XOR(1, Update.SGD, 2) {
    @Override
    public <L> List<L> layers(Layers<L> l) {
      return List.of(l.linear(2, 10), l.sigmoid(), l.linear(10, 10), l.sigmoid(), l.linear(10, 10), l.sigmoid(),
          l.linear(10, 1), l.sigmoid());
    }
  };

  /** How a net is trained. */
  public enum Update {
    ADAM(0.001, 0), MOMENTUM(0.01, 0.9), SGD(1, 0);

    public final double rate;
    public final double momentum;

    Update(double rate, double momentum) {
      this.rate = rate;
      this.momentum = momentum;
    }
  }

  private final int[] input;

  /** Number of outputs. */
  public final int classes;

  public final Update update;

  Net(int classes, Update update, int... input) {
    this.input = input;
    this.classes = classes;
    this.update = update;
  }

  /** The extents of a batch of n. */
  public int[] input(int n) {
    int[] all = new int[input.length + 1];
    all[0] = n;
    System.arraycopy(input, 0, all, 1, input.length);
    return all;
  }

  /** The layers in order, made by a library. */
  public abstract <L> List<L> layers(Layers<L> l);

  @Override
  public String toString() {
    return switch (this) {
      case QUICKSTART -> "quickstart";
      case RESNET50 -> "resnet50";
      case MOBILENET -> "mobilenet";
      case XOR -> "W9-xor";
      default -> name();
    };
  }
}
