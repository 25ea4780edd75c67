package io.github.einkorn.examples;

import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** The same perceptron as {@link MnistNormalInit}, from weights of Xavier's uniform distribution. */
@Command(name = "MnistXavier", header = "S1", description = "MNIST, 784-256-256-10, Xavier initialization")
final class MnistXavier extends MnistExample {
  @Override
  List<Figure> run() throws IOException {
    Dataset test = mnistTest();
    Sequential model = MnistNormalInit.net(Init::xavierUniform); // ±√(6 / (in + out))
    var adam = new Adam(model.parameters(), 0.001);
    List<Double> costs = Loop.train(model, adam, Loop.batches(mnistTrain()), epochs(15, 5));
    double accuracy = Loop.accuracy(model, test);
    System.out.println("On raw pixels of 0 to 255, the lecture's mistake: " + (float) Loop.accuracy(model, test, 255));
    Loop.oneAnswer(model, test, seed());
    Pictures.curves(picture("cost.png"), "MNIST from Xavier's weights", "epoch", "cost", Map.of("Xavier", costs));
    return List.of(Figure.atLeast("accuracy", either(0.978, 0.8), accuracy));
  }
}
