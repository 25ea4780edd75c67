package io.github.einkorn.examples;

import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.FashionMnist;
import io.github.einkorn.data.Mnist;
import picocli.CommandLine.Option;

/** A program that trains on MNIST or Fashion-MNIST, or on a part of it. */
abstract class MnistExample extends TrainingExample {
  private static final int SLICE = 2000;
  private static final int LEAST = 500; // of fewer, some programs have no batch, or no curve

  private Integer limit;

  @Option(names = "--limit", order = -2, paramLabel = "N",
      description = "train and test with the first N images only, at least " + LEAST)
  private void limit(int n) {
    limit = atLeast(LEAST, "--limit", n);
  }

  /** MNIST's images to train on, (1, 28, 28) in [0, 1]; a quick run takes the first of the sample. */
  final Dataset mnistTrain() {
    return limited(isQuick() ? Mnist.sampleTrain() : Mnist.train());
  }

  /** MNIST's images to test with. */
  final Dataset mnistTest() {
    return limited(isQuick() ? Mnist.sampleTest() : Mnist.test());
  }

  /** Fashion-MNIST's images to train on; a quick run takes digits, which need no download. */
  final Dataset fashionTrain() {
    return isQuick() ? mnistTrain() : limited(FashionMnist.train());
  }

  /** Fashion-MNIST's images to test with; a quick run takes digits. */
  final Dataset fashionTest() {
    return isQuick() ? mnistTest() : limited(FashionMnist.test());
  }

  private Dataset limited(Dataset images) {
    if (limit == null && !isQuick()) return images;
    return images.take(limit != null ? limit : SLICE);
  }
}
