package io.github.einkorn.examples;

import io.github.einkorn.data.*;
import io.github.einkorn.nn.*;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.*;

/** The program of the README. */
public final class TenLines {
  private TenLines() {}

  /** Prints the loss and the accuracy on the test set. */
  public static void main(String[] args) {
    var train = new DataLoader(Mnist.train()).batchSize(100).shuffle(true);
    var test = new DataLoader(Mnist.test()).batchSize(500);
    var model = new Sequential(
        new Conv2d(1, 32, 3), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, 64, 3), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2),
        new Flatten(), new Dropout(0.3), new Linear(64 * 5 * 5, 10));
    var trainer = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy())
        .optimizer(new Adam(model.parameters(), 1e-3));
    trainer.fit(train, 3);
    System.out.println(trainer.evaluate(test));
  }
}
