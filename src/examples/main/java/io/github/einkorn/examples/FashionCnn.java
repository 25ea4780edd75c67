package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.FashionMnist;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Init;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.OneCycleLR;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.ConfusionMatrix;
import io.github.einkorn.train.History;
import io.github.einkorn.train.LearningRateScheduler;
import io.github.einkorn.train.ModelCheckpoint;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * The lecture's net for Fashion-MNIST. Its last layer has 64 units in the note, for ten classes; here it has 10. The
 * lecture does not say how it is trained: here for five epochs, at a rate that rises and falls in one cycle.
 */
@Command(name = "FashionCnn", header = "S3", description = "Fashion-MNIST by five convolutions; confusion matrix")
final class FashionCnn extends MnistExample {
  private static final List<String> DIGITS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  @Override
  List<Figure> run() throws IOException {
    var model = new io.github.einkorn.models.FashionCnn(10);
    for (Tensor p : model.parameters()) { // as Keras draws them
      if (p.rank() > 1) Init.xavierUniform(p);
      else Init.zeros(p);
    }
    System.out.println(model.summary(1, 28, 28)); // its softmax is part of the loss
    long literal = new io.github.einkorn.models.FashionCnn(64).parameterCount();
    System.out.printf("The note ends in 64 units for ten classes, with %,d parameters; with 10 they are %,d.%n%n",
        literal, model.parameterCount());

    List<Dataset> parts = fashionTrain().stratifiedSplit(0.92, seed()); // the best epoch is not chosen by test images
    var train = new DataLoader(parts.get(0)).batchSize(either(64, 20)).shuffle(true);
    var valid = new DataLoader(parts.get(1)).batchSize(500);
    int epochs = epochs(5, 1);
    var adam = new Adam(model.parameters());
    var cycle = new OneCycleLR(adam, 0.001, epochs * train.batches());
    var best = new ModelCheckpoint(folder("checkpoint"), "best.safetensors").monitor("val_accuracy").saveBestOnly(true)
        .verbose(true);
    var confusion = new ConfusionMatrix();
    var trainer = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy()).optimizer(adam).verbose(2)
        .callbacks(new LearningRateScheduler(cycle).perBatch(true), best);
    History history = trainer.fit(train, valid, epochs);

    model.load(best.bestPath());
    Map<String, Double> test = trainer.metrics(confusion).evaluate(new DataLoader(fashionTest()).batchSize(500));
    System.out.println("Test images: " + test);
    List<String> classes = either(FashionMnist.CLASSES, DIGITS);
    System.out.println(confusion.names(classes.toArray(String[]::new)));
    Pictures.curves(picture("curves.png"), "Fashion-MNIST by five convolutions", history);
    Pictures.confusion(picture("confusion.png"), "Fashion-MNIST, test images", confusion, classes);
    return List.of(
        Figure.equal("parameters", 1_262_218L, model.parameterCount()),
        Figure.equal("parameters, to the letter", 1_265_728L, literal),
        isQuick() // a hundred steps are too few to do better than guessing, whose loss is ln 10 = 2.303
            ? Figure.atMost("loss on test images", 2.4, test.get("loss"))
            : Figure.atLeast("accuracy on test images", 0.9, confusion.result()));
  }
}
