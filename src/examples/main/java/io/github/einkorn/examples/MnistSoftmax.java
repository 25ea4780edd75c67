package io.github.einkorn.examples;

import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/** One linear layer on the pixels of MNIST, trained by SGD and by Adam. */
@Command(name = "MnistSoftmax", header = "S1", description = "MNIST with one linear layer: SGD against Adam")
final class MnistSoftmax extends MnistExample {
  @Override
  List<Figure> run() throws IOException {
    Dataset train = mnistTrain();
    Dataset test = mnistTest();
    int epochs = epochs(15, 3);

    System.out.println("SGD, learning rate 0.1");
    var bySgd = new Sequential(new Flatten(), new Linear(784, 10));
    var curves = new LinkedHashMap<String, List<Double>>();
    curves.put("SGD 0.1", Loop.train(bySgd, new SGD(bySgd.parameters(), 0.1), Loop.batches(train), epochs));
    double sgd = Loop.accuracy(bySgd, test);

    System.out.println("Adam, learning rate 0.001");
    var byAdam = new Sequential(new Flatten(), new Linear(784, 10));
    curves.put("Adam 0.001", Loop.train(byAdam, new Adam(byAdam.parameters(), 0.001), Loop.batches(train), epochs));
    double adam = Loop.accuracy(byAdam, test);
    Loop.oneAnswer(byAdam, test, seed());

    Pictures.curves(picture("cost.png"), "Softmax regression of MNIST", "epoch", "cost", curves);
    Pictures.filters(picture("weights.png"), "The weights of the ten digits",
        ((Linear) bySgd.get(1)).weight().reshape(10, 1, 28, 28));
    return List.of(
        Figure.atLeast("SGD: accuracy", either(0.91, 0.7), sgd),
        Figure.atLeast("Adam: accuracy", either(0.91, 0.6), adam));
  }
}
