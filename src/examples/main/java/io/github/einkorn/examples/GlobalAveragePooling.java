package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.OneCycleLR;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.LearningRateScheduler;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** The same convolutions under two heads: the mean of each feature map, or all their values and a dense layer. */
@Command(name = "GlobalAveragePooling", header = "S2",
    description = "Head of global average pooling against Flatten: parameters, accuracy")
final class GlobalAveragePooling extends MnistExample {
  private static final int CHANNELS = 128;
  private static final int MAP = 7;

  private static Sequential convolutions() {
    return new Sequential(
        new Conv2d(1, 16, Window.same(3)), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2),
        new Conv2d(16, 32, Window.same(3)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, CHANNELS, Window.same(3)), new BatchNorm2d(CHANNELS), new ReLU());
  }

  private static Sequential averaging() {
    return new Sequential(new GlobalAvgPool2d(), new Flatten(), new Linear(CHANNELS, 10));
  }

  private static Sequential flattening() {
    return new Sequential(new Flatten(), new Linear(CHANNELS * MAP * MAP, 128), new ReLU(), new Linear(128, 10));
  }

  @Override
  List<Figure> run() throws IOException {
    Sequential averaging = averaging();
    Sequential flattening = flattening();
    System.out.printf("Parameters of the head: %,d with the means of %d maps, %,d with their %,d values%n",
        averaging.parameterCount(), CHANNELS, flattening.parameterCount(), CHANNELS * MAP * MAP);
    var training = new LinkedHashMap<String, List<Double>>();
    var validation = new LinkedHashMap<String, List<Double>>();
    double gap = fit("global average", averaging, training, validation);
    double flat = fit("flatten", flattening, training, validation);
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    panels.put("training loss", training);
    panels.put("validation loss", validation);
    Pictures.curves(picture("loss.png"), "MNIST: global average pooling against flatten", "epoch", panels);
    return List.of(
        Figure.equal("parameters of the averaging head", 1290L, averaging.parameterCount()).own(),
        Figure.equal("parameters of the flattening head", 804_234L, flattening.parameterCount()).own(),
        Figure.atLeast("global average: accuracy", either(0.98, 0.8), gap).own(),
        Figure.atLeast("flatten: accuracy", either(0.98, 0.8), flat).own(),
        Figure.atMost("what averaging costs in accuracy", either(0.01, 0.15), flat - gap).own());
  }

  /** Trains new convolutions under a head, and gives the accuracy on images that they have not seen. */
  private double fit(String name, Sequential head, Map<String, List<Double>> training,
      Map<String, List<Double>> validation) {
    Einkorn.seed(seed());
    var model = new Sequential().add("convolutions", convolutions()).add("head", head);
    var images = new DataLoader(mnistTrain().take(20_000)).batchSize(either(100, 20)).shuffle(true);
    int epochs = epochs(8, 4);
    var adam = new Adam(model.parameters());
    var cycle = new OneCycleLR(adam, 0.005, epochs * images.batches());
    History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy()).optimizer(adam)
        .callbacks(new LearningRateScheduler(cycle).perBatch(true)).verbose(0)
        .fit(images, new DataLoader(mnistTest()).batchSize(500), epochs);
    training.put(name, history.get("loss"));
    validation.put(name, history.get("val_loss"));
    double accuracy = history.get("val_accuracy").get(history.epochs() - 1);
    System.out.printf("%-15s %,9d parameters, accuracy on images it learned from %.4f, on others %.4f%n", name,
        model.parameterCount(), history.get("accuracy").get(history.epochs() - 1), accuracy);
    return accuracy;
  }
}
