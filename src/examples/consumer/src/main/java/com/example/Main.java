package com.example;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Learns which half of an image is bright, saves the network, loads it, and asks it again. */
public final class Main {
  private Main() {}

  /** Prints "accuracy 1.00" and "loaded the same". */
  public static void main(String[] args) throws IOException {
    Einkorn.seed(1);
    int n = 64;
    float[] pixels = new float[n * 64];
    long[] labels = new long[n];
    for (int i = 0; i < pixels.length; i++) {
      labels[i / 64] = i / 64 % 2;
      boolean bright = i % 8 / 4 == i / 64 % 2; // the left or the right half of each row
      pixels[i] = (bright ? 1 : 0) + (i * 37 % 11) / 20f;
    }
    Tensor x = Tensor.of(pixels, n, 1, 8, 8);
    Tensor y = Tensor.of(labels);
    var data = new DataLoader(new TensorDataset(x, y)).batchSize(16).shuffle(true);

    var model = net();
    var loss = new CrossEntropyLoss();
    var sgd = new SGD(model.parameters(), 0.1).momentum(0.9);
    for (int epoch = 0; epoch < 20; epoch++) {
      for (Batch batch : data) {
        sgd.zeroGrad();
        loss.forward(model.forward(batch.x()), batch.y()).backward();
        sgd.step();
      }
    }
    model.eval();
    float[] before = model.forward(x).toFloats();
    System.out.printf("accuracy %.2f%n", model.forward(x).argmax(1).eq(y).mean().item());

    Path file = Files.createTempFile("consumer", ".safetensors");
    model.save(file);
    var copy = net();
    copy.load(file);
    copy.eval();
    Files.delete(file);
    System.out.println(Arrays.equals(copy.forward(x).toFloats(), before) ? "loaded the same" : "loaded something else");
  }

  private static Sequential net() {
    return new Sequential(new Conv2d(1, 4, Window.of(3).pad(1)), new ReLU(), new MaxPool2d(2), new Flatten(),
        new Linear(4 * 4 * 4, 2));
  }
}
