package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.ContrastiveDivergence;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * A deep belief net: two restricted Boltzmann machines, one on top of the other, learn from all digits without labels;
 * then the net that they make is tuned with the labels of a few. Beside it the same net, from Xavier's weights.
 */
@Command(name = "Dbn", header = "S1", description = "MNIST: layer-wise pre-training, then fine-tuning with few labels")
final class Dbn extends MnistExample {
  private static final int EACH = 3; // nets of each kind, whose accuracies are averaged

  @Override
  List<Figure> run() throws IOException {
    Dataset train = mnistTrain();
    Dataset test = mnistTest();
    var dbn = new io.github.einkorn.nn.Dbn(784, 400, 200);
    double[][] errors = new ContrastiveDivergence(0.05).momentum(0.5)
        .fit(dbn, new DataLoader(train).batchSize(either(100, 20)).shuffle(true), epochs(6, 8));
    for (int i = 0; i < errors.length; i++) {
      System.out.println("Machine " + (i + 1) + ": reconstruction error by epoch " + Arrays.toString(errors[i]));
    }

    int epochs = either(60, 40);
    int[] labels = either(new int[] {100, 300, 1000}, new int[] {100});
    double[] without = new double[labels.length];
    double[] with = new double[labels.length];
    var curves = new LinkedHashMap<String, List<Double>>();
    System.out.println("labels   without   pre-trained: accuracy on test images");
    for (int i = 0; i < labels.length; i++) {
      Dataset few = train.stratifiedSplit(labels[i] / (double) train.size(), seed()).get(0);
      for (int n = 0; n < EACH; n++) {
        Einkorn.seed(seed() + n);
        List<Double> plain = tune(fresh(), few, test, epochs);
        List<Double> tuned = tune(dbn.toSequential(), few, test, epochs);
        without[i] += plain.get(epochs - 1) / EACH;
        with[i] += tuned.get(epochs - 1) / EACH;
        if (n > 0 || i > 1) continue;
        curves.put(labels[i] + " labels, without", plain);
        curves.put(labels[i] + " labels, pre-trained", tuned);
      }
      System.out.printf("%6d    %.4f    %.4f%n", labels[i], without[i], with[i]);
    }

    Pictures.curves(picture("accuracy.png"), "Fine-tuning with few labels, pre-trained and not", "epoch",
        "accuracy on test images", curves);
    Pictures.tiles(picture("samples.png"), "A deep belief net 784-400-200",
        Map.of("samples, 500 steps of the upper machine", dbn.sample(20, 500).reshape(20, 1, 28, 28)));
    var figures = new ArrayList<Figure>();
    for (int i = 0; i < errors.length; i++) {
      figures.add(Figure.holds("machine " + (i + 1) + ": the reconstruction error falls",
          errors[i][errors[i].length - 1] < errors[i][0]).own());
    }
    for (int i = 0; i < labels.length; i++) {
      figures.add(Figure.atLeast(labels[i] + " labels: accuracy, pre-trained", without[i], with[i]));
    }
    return figures;
  }

  private static Sequential fresh() {
    Sequential model = new io.github.einkorn.nn.Dbn(784, 400, 200).toSequential();
    for (Layer l : model.layers()) if (l instanceof Linear linear) Init.xavierUniform(linear.weight());
    return model;
  }

  /** Adds the layer that tells classes, trains all, and gives the accuracy on test images after each epoch. */
  private static List<Double> tune(Sequential body, Dataset few, Dataset test, int epochs) {
    var model = new Sequential(new Flatten(), body, new Linear(200, 10));
    Init.xavierUniform(((Linear) model.get(2)).weight());
    History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy())
        .optimizer(new Adam(model.parameters(), 0.001)).verbose(0)
        .fit(new DataLoader(few).batchSize(20).shuffle(true), new DataLoader(test).batchSize(500), epochs);
    return history.get("val_accuracy");
  }
}
