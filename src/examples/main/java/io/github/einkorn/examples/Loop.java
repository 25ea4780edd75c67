package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.crossEntropy;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The loop of the first lectures over MNIST, in PyTorch's style. */
final class Loop {
  private Loop() {}

  /** Batches of 100, shuffled; a smaller last one is dropped, so that it does not count for more than others. */
  static DataLoader batches(Dataset images) {
    return new DataLoader(images).batchSize(100).shuffle(true).dropLast(true);
  }

  /** The first n images, or all if there are fewer, as one batch. */
  static Batch first(int n, Dataset images) {
    return images.batch(IntStream.range(0, Math.min(n, images.size())).toArray());
  }

  /** Trains with the cross-entropy, and prints and returns the mean cost of each epoch. */
  static List<Double> train(Layer model, Optimizer optimizer, DataLoader data, int epochs) {
    var costs = new ArrayList<Double>();
    model.train();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double averageCost = 0;
      for (Batch batch : data) {
        try (var scope = new Scope()) { // frees every tensor made inside
          optimizer.zeroGrad();
          Tensor cost = crossEntropy(model.forward(batch.x()), batch.y());
          cost.backward();
          optimizer.step();
          averageCost += cost.item() / data.batches();
        }
      }
      System.out.printf("Epoch: %04d cost = %.9f%n", epoch, averageCost);
      costs.add(averageCost);
    }
    System.out.println("Learning finished");
    return costs;
  }

  /**
   * The share of the images that the model, in evaluation, gets right, which is printed too.
   *
   * <p>The lecture evaluates on {@code mnist_test.test_data}, raw pixels of 0 to 255, though it trained on 0 to 1.
   * Here both are 0 to 1.
   */
  static double accuracy(Layer model, Dataset images) {
    double accuracy = accuracy(model, images, 1);
    System.out.println("Accuracy: " + (float) accuracy);
    return accuracy;
  }

  /** The same of pixels that are multiplied by a factor, silently: 255 makes the lecture's mistake. */
  static double accuracy(Layer model, Dataset images, double factor) {
    model.eval();
    double right = 0;
    for (Batch batch : new DataLoader(images).batchSize(500)) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        right += model.forward(batch.x().mul(factor)).argmax(1).eq(batch.y()).sum().item();
      }
    }
    return right / images.size();
  }

  /** The index of the first image of each class. */
  static int[] oneOfEach(Dataset images, int classes) {
    List<Long> labels = Arrays.stream(images.targets()).boxed().toList();
    return LongStream.range(0, classes).mapToInt(labels::indexOf).toArray();
  }

  /** Prints the label of one image, chosen by the seed, and what the model says. */
  static void oneAnswer(Layer model, Dataset images, long seed) {
    try (var scope = new Scope()) {
      var sample = images.get(new Random(seed).nextInt(images.size()));
      System.out.println("Label:  " + (int) sample.y().item());
      System.out.println("Prediction:  " + (int) model.predict(sample.x()).argmax(-1).item());
    }
  }
}
