package io.github.einkorn.examples;

import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.BatchNorm1d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Homework 1-1: batch normalization bears a learning rate of 0.1 with Adam. */
@Command(name = "MnistBatchNorm", header = "S1", description = "MNIST, 784-100-100-10, batch normalization")
final class MnistBatchNorm extends MnistExample {
  static final double LR = 0.1;

  /** 784-first-second-10: linear, batch normalization, ReLU, dropout of 0.3; Xavier's weights. */
  static Sequential net(int first, int second) {
    var linear1 = new Linear(784, first);
    var linear2 = new Linear(first, second);
    var linear3 = new Linear(second, 10);
    for (Linear linear : List.of(linear1, linear2, linear3)) Init.xavierUniform(linear.weight());
    return new Sequential(new Flatten(),
        linear1, new BatchNorm1d(first), new ReLU(), new Dropout(0.3),
        linear2, new BatchNorm1d(second), new ReLU(), new Dropout(0.3),
        linear3);
  }

  @Override
  List<Figure> run() throws IOException {
    Dataset test = mnistTest();
    Sequential model = net(100, 100);
    var adam = new Adam(model.parameters(), LR);
    List<Double> costs = Loop.train(model, adam, Loop.batches(mnistTrain()), epochs(15, 5));
    double accuracy = Loop.accuracy(model, test);
    Loop.oneAnswer(model, test, seed());
    Pictures.curves(picture("cost.png"), "MNIST with batch normalization", "epoch", "cost", Map.of("training", costs));
    return List.of(Figure.atLeast("accuracy", either(0.96, 0.7), accuracy).own());
  }
}
