package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.FashionMnist;
import io.github.einkorn.data.ImageDataset;
import io.github.einkorn.data.Mnist;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.LearningRateScheduler;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Trains a small CNN on MNIST or Fashion-MNIST, and shows what it learned. */
public final class Quickstart {
  private static final String USAGE = """
      usage: quickstart [--fashion] [--epochs N] [--out FILE]
        --fashion    train on Fashion-MNIST instead of MNIST
        --epochs N   passes over the training images (default 4)
        --out FILE   where the model is saved (default quickstart.safetensors)
      """;

  private Quickstart() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    boolean fashion = false;
    int epochs = 4;
    Path out = Path.of("quickstart.safetensors");
    for (int i = 0; i < args.length; i++) {
      boolean more = i + 1 < args.length;
      if (args[i].equals("--fashion")) {
        fashion = true;
      } else if (args[i].equals("--epochs") && more && args[i + 1].matches("[1-9][0-9]{0,3}")) {
        epochs = Integer.parseInt(args[++i]);
      } else if (args[i].equals("--out") && more) {
        out = Path.of(args[++i]);
      } else {
        System.err.print(USAGE);
        System.exit(2);
      }
    }
    run(fashion, epochs, out.toAbsolutePath());
  }

  /** About 50,000 parameters; 0.990 on MNIST's test set after four epochs. */
  static Sequential net() {
    return new Sequential(
        new Conv2d(1, 32, Window.of(3).pad(1)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, 64, Window.of(3).pad(1)), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2),
        new Flatten(), new Dropout(0.3), new Linear(64 * 7 * 7, 10));
  }

  private static void run(boolean fashion, int epochs, Path out) throws IOException {
    Einkorn.seed(1);
    ImageDataset images = fashion ? FashionMnist.train() : Mnist.train();
    ImageDataset unseen = fashion ? FashionMnist.test() : Mnist.test();
    System.out.printf("%s: %,d images to train on, %,d to test with; %d threads, %s%n%n",
        fashion ? "Fashion-MNIST" : "MNIST", images.size(), unseen.size(), Einkorn.threads(), Einkorn.isa());

    var model = net();
    System.out.println(model.summary(1, 28, 28));
    var trainer = new Trainer(model)
        .loss(new CrossEntropyLoss())
        .optimizer(new Adam(model.parameters(), 1e-3))
        .metrics(new Accuracy())
        .callbacks(new LearningRateScheduler(epoch -> cosine(1e-3, epoch, epochs)));
    trainer.fit(new DataLoader(images).batchSize(100).shuffle(true), epochs);

    report(model, unseen, fashion ? FashionMnist.CLASSES : List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
    Files.createDirectories(out.getParent());
    model.save(out);
    System.out.println("Saved the model to " + out);
    System.out.println("Next, try: scripts/quickstart.sh " + (fashion ? "--epochs 10" : "--fashion"));
  }

  /** From the full rate in the first epoch towards 0 after the last one, along half a cosine. */
  private static double cosine(double lr, int epoch, int epochs) {
    return lr * (1 + Math.cos(Math.PI * (epoch - 1) / epochs)) / 2;
  }

  private static void report(Sequential model, ImageDataset unseen, List<String> classes) {
    int[][] counts = new int[10][10];
    List<TextPictures.Guess> right = new ArrayList<>();
    List<TextPictures.Guess> wrong = new ArrayList<>();
    model.eval();
    int index = 0;
    for (Batch batch : new DataLoader(unseen).batchSize(500)) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        Tensor p = model.forward(batch.x()).softmax(1);
        float[] probability = p.toFloats();
        long[] said = p.argmax(1).toLongs();
        long[] label = batch.y().toLongs();
        for (int i = 0; i < label.length; i++, index++) {
          counts[(int) label[i]][(int) said[i]]++;
          var guess = new TextPictures.Guess(index, (int) label[i], (int) said[i], probability[i * 10 + (int) said[i]]);
          (said[i] == label[i] ? right : wrong).add(guess);
        }
      }
    }
    System.out.printf("%nTest accuracy %.4f: %,d of %,d images it has not seen%n%n",
        right.size() / (double) unseen.size(), right.size(), unseen.size());
    System.out.println(TextPictures.confusion(counts, classes));
    System.out.println("Some it gets right:");
    System.out.println(TextPictures.draw(unseen, right.subList(0, Math.min(3, right.size())), classes));
    if (wrong.isEmpty()) return;
    System.out.println("Some it gets wrong:");
    System.out.println(TextPictures.draw(unseen, wrong.subList(0, Math.min(3, wrong.size())), classes));
  }
}
