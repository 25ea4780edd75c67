package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
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
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.Trainer;
import java.nio.file.Path;

/** Trains a small CNN on any folder of images with a folder for each class, a fifth of them kept for validation. */
public final class TrainOnFolder {
  private static final String USAGE = """
      usage: TrainOnFolder FOLDER [--epochs N] [--size N]
        FOLDER      has a folder of images for each class: FOLDER/cat/1.jpg
        --epochs N  passes over the training images (default 10)
        --size N    images are cut to N x N pixels (default 64)
      """;

  private TrainOnFolder() {}

  /** Runs it. */
  public static void main(String[] args) {
    int epochs = 10;
    int size = 64;
    boolean good = args.length % 2 == 1;
    for (int i = 1; good && i < args.length; i += 2) {
      good = args[i + 1].matches("[1-9][0-9]{0,3}");
      if (good && args[i].equals("--epochs")) epochs = Integer.parseInt(args[i + 1]);
      else if (good && args[i].equals("--size")) size = Integer.parseInt(args[i + 1]);
      else good = false;
    }
    if (!good) {
      System.err.print(USAGE);
      System.exit(2);
    }
    System.out.printf("Validation accuracy %.4f%n", run(Path.of(args[0]), epochs, size));
  }

  /** The accuracy on the images kept for validation. */
  static double run(Path root, int epochs, int size) {
    Einkorn.seed(1);
    FolderParts images = FolderParts.of(root, size, 32);
    var model = net(images.classes().size());
    var trainer = new Trainer(model)
        .loss(new CrossEntropyLoss())
        .optimizer(new Adam(model.parameters(), 1e-3))
        .metrics(new Accuracy());
    trainer.fit(images.train(), images.valid(), epochs);
    return trainer.evaluate(images.valid()).get("accuracy");
  }

  private static Sequential net(int classes) {
    return new Sequential(
        new Conv2d(3, 32, Window.same(3)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, 64, Window.same(3)), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2),
        new Conv2d(64, 128, Window.same(3)), new BatchNorm2d(128), new ReLU(),
        new GlobalAvgPool2d(), new Flatten(), new Linear(128, classes));
  }
}
