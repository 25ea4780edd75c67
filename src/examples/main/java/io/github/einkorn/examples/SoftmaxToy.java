package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.crossEntropy;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/** Softmax regression of eight points, and what the learning rate does. */
@Command(name = "SoftmaxToy", header = "S1", description = "Softmax regression of 8 points; learning rates that fail")
final class SoftmaxToy extends TrainingExample {
  private static final Tensor X = Tensor.of(new float[][] {
      {1, 2, 1}, {1, 3, 2}, {1, 3, 4}, {1, 5, 5}, {1, 7, 5}, {1, 2, 5}, {1, 6, 6}, {1, 7, 7}}).keep();
  private static final Tensor Y = Tensor.of(2L, 2, 2, 1, 1, 1, 0, 0).keep();
  private static final Tensor X_TEST = Tensor.of(new float[][] {{2, 1, 1}, {3, 1, 2}, {3, 3, 4}}).keep();
  private static final Tensor Y_TEST = Tensor.of(2L, 2, 2).keep();

  @Override
  List<Figure> run() throws IOException {
    var model = new Linear(3, 3);
    int epochs = epochs(20, 20);
    List<Double> good = train(model, 0.1, epochs, true);
    test(model, epochs);
    // whether 20 epochs are enough for the test rows depends on the start; 100 more are from any
    train(model, 0.1, 100, false);
    int right = test(model, epochs + 100);

    // from the same start, too fast and too slow
    List<Double> high = train(same(), 1e5, epochs, false);
    List<Double> low = train(same(), 1e-10, epochs, false);
    System.out.printf("Learning rate 1e5: cost %.6f to %.6f%n", high.get(0), high.get(epochs - 1));
    System.out.printf("Learning rate 1e-10: cost %.6f to %.6f%n", low.get(0), low.get(epochs - 1));

    var curves = new LinkedHashMap<String, List<Double>>();
    curves.put("learning rate 0.1", good);
    curves.put("1e5", high);
    curves.put("1e-10", low);
    Pictures.curves(picture("cost.png"), "Softmax regression: the learning rate", "epoch", "cost", curves);
    return List.of(
        Figure.equal("test rows said to be of class 2", "3 of 3", right + " of 3"),
        Figure.holds("0.1: the cost falls", good.get(epochs - 1) < good.get(0)).own(),
        Figure.holds("1e5: the cost grows a thousandfold", high.get(epochs - 1) > 1000 * high.get(0)).own(),
        Figure.holds("1e-10: the cost stands still", Math.abs(low.get(epochs - 1) - low.get(0)) < 1e-5).own());
  }

  private static int test(Linear model, int epochs) {
    Tensor said = model.predict(X_TEST).argmax(1);
    int right = (int) said.eq(Y_TEST).sum().item();
    System.out.printf("Test after %d epochs: predicted %s, labels %s, accuracy %.2f%n", epochs,
        Arrays.toString(said.toLongs()), Arrays.toString(Y_TEST.toLongs()), right / 3.0);
    return right;
  }

  private Linear same() {
    Einkorn.seed(seed());
    return new Linear(3, 3);
  }

  private static List<Double> train(Linear model, double lr, int epochs, boolean print) {
    var sgd = new SGD(model.parameters(), lr);
    var costs = new ArrayList<Double>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      try (var scope = new Scope()) {
        Tensor prediction = model.forward(X);
        Tensor cost = crossEntropy(prediction, Y);
        sgd.zeroGrad(); // backward adds to the gradients
        cost.backward();
        sgd.step();
        if (print) System.out.printf("Epoch %4d/%d Cost: %.6f%n", epoch, epochs, cost.item());
        costs.add((double) cost.item());
      }
    }
    return costs;
  }
}
