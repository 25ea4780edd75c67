package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Input;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.EarlyStopping;
import io.github.einkorn.train.History;
import io.github.einkorn.train.ModelCheckpoint;
import io.github.einkorn.train.ReduceLROnPlateau;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** Keras's convolutional net of MNIST by the sequential and by the functional API, trained with three callbacks. */
@Command(name = "KerasMnist", header = "S2", description = "Sequential and functional model, fit with three callbacks")
final class KerasMnist extends MnistExample {
  /** The lecture's {@code weights.{epoch:03d}-{val_loss:.4f}-{acc:.4f}.weights.hdf5}, with the names of here. */
  private static final String TEMPLATE = "weights.{epoch:03d}-{val_loss:.4f}-{accuracy:.4f}.weights.safetensors";
  private static final String NAME = "weights\\.\\d{3}-\\d\\.\\d{4}-[01]\\.\\d{4}\\.weights\\.safetensors";

  private static Sequential sequential() {
    return new Sequential(
        new Conv2d(1, 32, 3), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, 64, 3), new ReLU(), new MaxPool2d(2),
        new Flatten(), new Dropout(0.5), new Linear(1600, 10));
  }

  private static Model functional() {
    var image = Input.of(1, 28, 28).named("image");
    var edges = image.then("conv1", new Conv2d(1, 32, 3)).relu().then(new MaxPool2d(2));
    var parts = edges.then("conv2", new Conv2d(32, 64, 3)).relu().then(new MaxPool2d(2));
    var digit = parts.flatten().then(new Dropout(0.5)).then("digit", new Linear(1600, 10));
    return Model.of(image, digit);
  }

  @Override
  List<Figure> run() throws IOException {
    List<Dataset> parts = mnistTrain().stratifiedSplit(0.9, seed());
    var valid = new DataLoader(parts.get(1)).batchSize(500);
    Path folder = folder("checkpoints");
    clear(folder);

    Einkorn.seed(seed());
    Sequential first = sequential();
    System.out.println(first.summary(1, 28, 28));
    var checkpoint = new ModelCheckpoint(folder, TEMPLATE).monitor("val_loss").mode("auto").saveBestOnly(true)
        .saveWeightsOnly(true).verbose(true);
    var reduce = new ReduceLROnPlateau("val_loss").factor(0.1).patience(2).mode("auto").minLr(0).verbose(true);
    var stop = new EarlyStopping("val_loss").patience(4).mode("auto").verbose(true);
    Trainer trainer = trainer(first).callbacks(checkpoint, reduce, stop);
    History history = trainer.fit(batches(parts.get(0)), valid, epochs(10, 4));

    Einkorn.seed(seed());
    Model second = functional();
    System.out.println(second.summary());
    History same = trainer(second).fit(batches(parts.get(0)), valid, 1);

    List<String> names = names(folder);
    System.out.println("Checkpoints: " + String.join(", ", names));
    first.load(checkpoint.bestPath());
    double loss = trainer(first).evaluate(valid).get("loss");
    Map<String, Double> test = trainer(first).evaluate(new DataLoader(mnistTest()).batchSize(500));
    System.out.println("The best checkpoint on test images: " + test);
    Pictures.curves(picture("curves.png"), "MNIST, fit with three callbacks", history);
    Files.writeString(picture("model.svg"), second.toSvg());
    return List.of(
        Figure.equal("parameters, sequential", 34_826L, first.parameterCount()).own(),
        Figure.equal("parameters, functional", 34_826L, second.parameterCount()).own(),
        Figure.near("functional: loss of the first epoch, of the sequential's", 1, 1e-3,
            same.get("loss").get(0) / history.get("loss").get(0)).own(),
        Figure.holds("checkpoints are named by the template", !names.isEmpty()
            && names.stream().allMatch(n -> n.matches(NAME))),
        Figure.equal("val_loss in the best one's name, and of the model loaded from it", inName(checkpoint.bestPath()),
            String.format(Locale.ROOT, "%.4f", loss)).own(),
        Figure.atLeast("accuracy on test images", either(0.985, 0.85), test.get("accuracy")).own());
  }

  private static Trainer trainer(Layer model) {
    return new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy())
        .optimizer(new Adam(model.parameters())).verbose(2);
  }

  private DataLoader batches(Dataset images) {
    return new DataLoader(images).batchSize(either(128, 32)).shuffle(true);
  }

  /** Those of an earlier run would be taken for this one's. */
  private static void clear(Path folder) throws IOException {
    for (String name : names(folder)) Files.delete(folder.resolve(name));
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith(".safetensors")).sorted().toList();
    }
  }

  /** The second of the numbers in {@code weights.007-0.0312-0.9912.weights.safetensors}. */
  private static String inName(Path checkpoint) {
    return checkpoint.getFileName().toString().split("-")[1];
  }
}
