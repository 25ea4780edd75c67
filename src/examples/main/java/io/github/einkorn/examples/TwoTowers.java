package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Input;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.Node;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine.Command;

/**
 * Two digits go up the same tower; from what it says of both, one head tells their sum, and another whether they are
 * the same digit.
 */
@Command(name = "TwoTowers", header = "S2", description = "Functional API: two inputs, two outputs, one shared tower")
final class TwoTowers extends MnistExample {
  private static final double SAME_WEIGHT = 0.5;

  @Override
  List<Figure> run() throws IOException {
    var tower = new Sequential(
        new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2),
        new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2),
        new Flatten(), new Linear(800, 64), new ReLU());
    var left = Input.of(1, 28, 28).named("left");
    var right = Input.of(1, 28, 28).named("right");
    var both = Node.cat(1, left.then("tower", tower), right.then(tower)); // one tower, called twice
    var sum = both.then("sum_hidden", new Linear(128, 64)).relu().then("sum", new Linear(64, 19));
    var same = both.then("same_hidden", new Linear(128, 64)).relu().then("same", new Linear(64, 2));
    var model = Model.of(List.of(left, right), List.of(sum, same));
    System.out.println(model.summary());

    var trainer = new Trainer(model).loss(new CrossEntropyLoss())
        .lossWeights(Map.of("sum", 1.0, "same", SAME_WEIGHT))
        .metrics("sum", new Accuracy()).metrics("same", new Accuracy())
        .optimizer(new Adam(model.parameters(), 0.001)).verbose(2);
    var train = new DataLoader(pairs(mnistTrain(), either(30_000, 4000))).batchSize(either(100, 20)).shuffle(true);
    var test = new DataLoader(pairs(mnistTest(), either(5000, 1000))).batchSize(500);
    History history = trainer.fit(train, test, epochs(6, 5));
    Map<String, Double> tested = trainer.evaluate(test);
    System.out.println("Pairs of test images: " + tested);

    Pictures.curves(picture("curves.png"), "Two digits: their sum, and whether they are the same", history);
    Files.writeString(picture("model.svg"), model.toSvg());
    long heads = 2 * (128 * 64 + 64) + 64 * 19 + 19 + 64 * 2 + 2;
    return List.of(
        Figure.equal("parameters, the tower's once", tower.parameterCount() + heads, model.parameterCount()).own(),
        Figure.near("loss less that of the sum and half of the other", 0, 1e-4,
            tested.get("loss") - tested.get("sum_loss") - SAME_WEIGHT * tested.get("same_loss")).own(),
        Figure.atLeast("accuracy of the sum", either(0.95, 0.3), tested.get("sum_accuracy")).own(),
        Figure.atLeast("accuracy of same or not", either(0.97, 0.7), tested.get("same_accuracy")).own());
  }

  /** Pairs of images, every other one of the same digit, with their sum and whether they are the same: 1 or 0. */
  private TensorDataset pairs(Dataset images, int n) {
    long[] labels = images.targets();
    var ofDigit = new ArrayList<List<Integer>>();
    for (int d = 0; d < 10; d++) ofDigit.add(new ArrayList<>());
    for (int i = 0; i < labels.length; i++) ofDigit.get((int) labels[i]).add(i);
    var random = new Random(seed());
    int[] left = new int[n];
    int[] right = new int[n];
    long[] sum = new long[n];
    long[] same = new long[n];
    for (int i = 0; i < n; i++) {
      left[i] = random.nextInt(labels.length);
      int digit = (int) labels[left[i]];
      if (i % 2 == 1) digit = (digit + 1 + random.nextInt(9)) % 10;
      right[i] = ofDigit.get(digit).get(random.nextInt(ofDigit.get(digit).size()));
      sum[i] = labels[left[i]] + digit;
      same[i] = 1 - i % 2;
    }
    return new TensorDataset(List.of(images.batch(left).x(), images.batch(right).x()),
        List.of(Tensor.of(sum), Tensor.of(same)));
  }
}
