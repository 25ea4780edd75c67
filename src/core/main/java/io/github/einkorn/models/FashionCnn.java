package io.github.einkorn.models;

import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;

/**
 * Clothes (N, 1, 28, 28) to (N, numClasses): five convolutions in three groups, then two hidden layers of 64 with
 * dropout (Géron 2019, Hands-On Machine Learning, chapter 14, with 64 units). It gives scores, for {@link
 * io.github.einkorn.nn.CrossEntropyLoss}, where Keras has a softmax.
 */
public final class FashionCnn extends Sequential {
  /**
   * 1,262,218 parameters for 10 classes. The lecture's last layer is literally one of 64 units: {@code new
   * FashionCnn(64)} with 1,265,728 parameters.
   *
   * @throws IllegalArgumentException unless there is at least one class
   */
  public FashionCnn(int numClasses) {
    super(
        new Conv2d(1, 64, Window.same(7)), new ReLU(), new MaxPool2d(2),
        new Conv2d(64, 128, Window.same(3)), new ReLU(), new Conv2d(128, 128, Window.same(3)), new ReLU(),
        new MaxPool2d(2),
        new Conv2d(128, 256, Window.same(3)), new ReLU(), new Conv2d(256, 256, Window.same(3)), new ReLU(),
        new MaxPool2d(2),
        new Flatten(), new Linear(256 * 3 * 3, 64), new ReLU(), new Dropout(0.5),
        new Linear(64, 64), new ReLU(), new Dropout(0.5), new Linear(64, numClasses));
  }
}
