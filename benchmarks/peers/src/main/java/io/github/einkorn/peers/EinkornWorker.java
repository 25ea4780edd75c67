package io.github.einkorn.peers;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.Adam;

/** Einkorn. Arguments: workload, threads. */
public final class EinkornWorker {
  private static Layer net(String workload) {
    return switch (workload) {
      case "W2" -> new Sequential(
          new Conv2d(1, 30, 5), new ReLU(), new MaxPool2d(2),
          new Flatten(), new Linear(30 * 12 * 12, 100), new ReLU(), new Linear(100, 10));
      case "quickstart" -> new Sequential(
          new Conv2d(1, 32, Window.of(3).pad(1)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
          new Conv2d(32, 64, Window.of(3).pad(1)), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2),
          new Flatten(), new Dropout(0.3), new Linear(64 * 7 * 7, 10));
      default -> throw new IllegalArgumentException("unknown workload " + workload);
    };
  }

  public static void main(String[] args) throws Exception {
    Einkorn.threads(Integer.parseInt(args[1]));
    Layer net = net(args[0]);
    Tensor x = Tensor.randn(100, 1, 28, 28);
    long[] labels = new long[100];
    for (int i = 0; i < labels.length; i++) labels[i] = i * 7 % 10;
    Tensor y = Tensor.of(labels);
    var adam = new Adam(net.parameters(), 1e-3);
    Worker.serve(() -> {
      try (var scope = new Scope()) {
        adam.zeroGrad();
        Functional.crossEntropy(net.forward(x), y).backward();
        adam.step();
      }
    }, 60, 30);
  }
}
