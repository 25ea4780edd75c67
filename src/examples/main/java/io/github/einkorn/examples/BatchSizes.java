package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** The same net, learning rate and number of epochs with batches of 8 to 512 images: small ones learn better. */
@Command(name = "BatchSizes", header = "S2", description = "MNIST with batches of 8 to 512: training and validation")
final class BatchSizes extends MnistExample {
  private static final int[] SIZES = {8, 16, 32, 64, 128, 256, 512};

  @Override
  List<Figure> run() throws IOException {
    List<Dataset> parts = mnistTrain().stratifiedSplit(5.0 / 6, seed());
    int epochs = epochs(6, 4);
    var training = new LinkedHashMap<String, List<Double>>();
    var validation = new LinkedHashMap<String, List<Double>>();
    double[] accuracies = new double[SIZES.length];
    System.out.println("batch  steps/epoch  train loss  validation loss  best validation accuracy  seconds");
    for (int i = 0; i < SIZES.length; i++) {
      Einkorn.seed(seed()); // all from the same weights
      var model = new Sequential(new Flatten(), new Linear(784, 128), new ReLU(), new Linear(128, 10));
      var data = new DataLoader(parts.get(0)).batchSize(SIZES[i]).shuffle(true);
      long start = System.nanoTime();
      History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy())
          .optimizer(new SGD(model.parameters(), 0.05)).verbose(0)
          .fit(data, new DataLoader(parts.get(1)).batchSize(500), epochs);
      double seconds = (System.nanoTime() - start) / 1e9;
      training.put("batch " + SIZES[i], history.get("loss"));
      validation.put("batch " + SIZES[i], history.get("val_loss"));
      accuracies[i] = Collections.max(history.get("val_accuracy"));
      System.out.printf("%5d  %,11d  %10.4f  %15.4f  %24.4f  %7.1f%n", SIZES[i], data.batches(),
          last(history, "loss"), last(history, "val_loss"), accuracies[i], seconds);
    }
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    panels.put("training loss", training);
    panels.put("validation loss", validation);
    Pictures.curves(picture("loss.png"), "MNIST by batch size, SGD with a learning rate of 0.05", "epoch", panels);
    double small = Math.max(accuracies[0], Math.max(accuracies[1], accuracies[2]));
    double large = 0;
    for (int i = 3; i < SIZES.length; i++) large = Math.max(large, accuracies[i]);
    return List.of(
        Figure.holds("the best validation accuracy is that of batches of 8 to 32", small > large).own(),
        Figure.atLeast("8 to 32: validation accuracy", either(0.97, 0.85), small).own(),
        Figure.atMost("512: validation accuracy", small - 0.02, accuracies[SIZES.length - 1]).own());
  }

  private static double last(History history, String name) {
    return history.get(name).get(history.epochs() - 1);
  }
}
