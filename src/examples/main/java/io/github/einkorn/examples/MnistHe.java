package io.github.einkorn.examples;

import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** The same perceptron as {@link MnistNormalInit}, from weights of He's uniform distribution, which suits ReLU. */
@Command(name = "MnistHe", header = "S1", description = "MNIST, 784-256-256-10, He initialization")
final class MnistHe extends MnistExample {
  @Override
  List<Figure> run() throws IOException {
    Dataset test = mnistTest();
    Sequential model = MnistNormalInit.net(Init::heUniform); // ±√(6 / in)
    var adam = new Adam(model.parameters(), 0.001);
    List<Double> costs = Loop.train(model, adam, Loop.batches(mnistTrain()), epochs(15, 5));
    double accuracy = Loop.accuracy(model, test);
    Loop.oneAnswer(model, test, seed());
    Pictures.curves(picture("cost.png"), "MNIST from He's weights", "epoch", "cost", Map.of("He", costs));
    return List.of(Figure.atLeast("accuracy", either(0.978, 0.8), accuracy));
  }
}
