package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** A multi-layer perceptron whose weights start as N(0, 1): far too large, as the cost of the first epoch shows. */
@Command(name = "MnistNormalInit", header = "S1", description = "MNIST, 784-256-256-10, weights from N(0, 1)")
final class MnistNormalInit extends MnistExample {
  /** 784-256-256-10 with ReLU, every weight filled by {@code init}; biases are PyTorch's. */
  static Sequential net(Consumer<Tensor> init) {
    var linear1 = new Linear(784, 256);
    var linear2 = new Linear(256, 256);
    var linear3 = new Linear(256, 10);
    for (Linear linear : List.of(linear1, linear2, linear3)) init.accept(linear.weight());
    return new Sequential(new Flatten(), linear1, new ReLU(), linear2, new ReLU(), linear3);
  }

  @Override
  List<Figure> run() throws IOException {
    Dataset test = mnistTest();
    Sequential model = net(w -> Init.normal(w, 0, 1));
    var adam = new Adam(model.parameters(), 0.001);
    List<Double> costs = Loop.train(model, adam, Loop.batches(mnistTrain()), epochs(15, 5));
    double accuracy = Loop.accuracy(model, test);
    Loop.oneAnswer(model, test, seed());
    Pictures.curves(picture("cost.png"), "MNIST from weights N(0, 1)", "epoch", "cost", Map.of("N(0, 1)", costs));
    double first = costs.get(0);
    double last = costs.get(costs.size() - 1);
    if (isQuick()) { // 2,000 images are 20 steps an epoch
      return List.of(Figure.atLeast("epoch 1: cost", 100, first), Figure.atMost("last epoch: cost", first / 4, last),
          Figure.atLeast("accuracy", 0.5, accuracy));
    }
    return List.of(Figure.near("epoch 1: cost", 129, 20, first), Figure.atMost("last epoch: cost", 2, last),
        Figure.near("accuracy", 0.945, 0.01, accuracy));
  }
}
