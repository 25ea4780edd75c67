package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.ImageDataset;
import io.github.einkorn.data.Mnist;
import io.github.einkorn.data.Sample;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Predictor;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Trainer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Trains a small CNN, freezes it, and lets many threads ask it about one image after the other, as a server would. */
public final class Serving {
  private Serving() {}

  /** Prints the steps of the frozen model, its memory, and how many answers were right. */
  public static void main(String[] args) {
    Einkorn.seed(1);
    var model = Quickstart.net();
    var trainer = new Trainer(model).loss(new CrossEntropyLoss()).optimizer(new Adam(model.parameters(), 1e-3));
    trainer.fit(new DataLoader(Mnist.train()).batchSize(100).shuffle(true), 1);

    try (Predictor predictor = model.freeze(1, 28, 28)) {
      System.out.println(predictor.explain());
      System.out.printf("%,d bytes for one image, %,d for a hundred%n%n", predictor.peakBytes(1),
          predictor.peakBytes(100));
      ImageDataset unseen = Mnist.test();
      long start = System.nanoTime();
      int right = right(predictor, unseen);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf("%,d of %,d right, %,.0f answers a second%n", right, unseen.size(), unseen.size() / seconds);
    }
  }

  /** How many images are recognized; each is a request of its own, made by some thread. */
  static int right(Predictor predictor, ImageDataset images) {
    var right = new AtomicInteger();
    IntStream.range(0, images.size()).parallel().forEach(i -> {
      try (var scope = new Scope()) {
        Sample sample = images.get(i);
        if (predictor.predict(sample.x()).argmax().item() == sample.y().item()) right.incrementAndGet();
      }
    });
    return right.get();
  }
}
