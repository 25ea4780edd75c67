package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/** Homework 1-2: the net of {@link MnistBatchNorm} with fewer and more neurons in its hidden layers. */
@Command(name = "HiddenSizes", header = "S1", description = "MNIST: 100/100 neurons against 50, 200/150 and 300")
final class HiddenSizes extends MnistExample {
  private static final int[][] SIZES = {{50, 50}, {100, 100}, {200, 150}, {300, 300}};

  @Override
  List<Figure> run() throws IOException {
    Dataset train = mnistTrain();
    Dataset test = mnistTest();
    var curves = new LinkedHashMap<String, List<Double>>();
    var table = new StringBuilder("hidden    parameters  train cost  test accuracy\n");
    double[] costs = new double[SIZES.length];
    double[] accuracies = new double[SIZES.length];
    for (int i = 0; i < SIZES.length; i++) {
      int[] size = SIZES[i];
      String name = size[0] + "/" + size[1];
      System.out.println(name);
      Einkorn.seed(seed());
      var model = MnistBatchNorm.net(size[0], size[1]);
      var adam = new Adam(model.parameters(), MnistBatchNorm.LR);
      List<Double> cost = Loop.train(model, adam, Loop.batches(train), epochs(15, 4));
      costs[i] = cost.get(cost.size() - 1);
      accuracies[i] = Loop.accuracy(model, test);
      curves.put(name, cost);
      table.append("%-8s  %,10d  %10.4f  %13.4f%n".formatted(name, model.parameterCount(), costs[i], accuracies[i]));
    }
    System.out.println("\n" + table);
    Pictures.curves(picture("cost.png"), "MNIST: neurons in the hidden layers", "epoch", "train cost", curves);
    return List.of(
        Figure.holds("200/150 has a lower train cost than 100/100", costs[2] < costs[1]).own(),
        Figure.holds("and 50/50 a higher one", costs[0] > costs[1]).own(),
        Figure.atLeast("100/100: accuracy", either(0.96, 0.7), accuracies[1]).own(),
        Figure.atLeast("200/150: accuracy", either(0.96, 0.7), accuracies[2]).own());
  }
}
