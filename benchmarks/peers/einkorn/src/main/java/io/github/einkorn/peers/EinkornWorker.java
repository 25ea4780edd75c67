package io.github.einkorn.peers;

import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Predictor;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import java.util.Arrays;

/** Einkorn. It has one configuration. */
public final class EinkornWorker {
  public static void main(String[] args) throws Exception {
    Worker.main(args, (task, threads, config) -> {
      Einkorn.threads(threads);
      if (task instanceof Op op) return EinkornOps.worker(op);
      if (task == Whole.MNIST) return new EinkornMnist();
      if (task instanceof Work work) return work.training() ? train(work) : infer(work);
      throw new UnsupportedOperationException(task + " is not for workers");
    });
  }

  static Sequential net(Net net) {
    return new Sequential(net.layers(new EinkornLayers()).toArray(Layer[]::new));
  }

  static Optimizer optimizer(Net.Update update, Layer net) {
    return update == Net.Update.ADAM ? new Adam(net.parameters(), update.rate)
        : new SGD(net.parameters(), update.rate).momentum(update.momentum);
  }

  private static Worker train(Work work) {
    Sequential net = net(work.net());
    Tensor x = input(work.input());
    boolean binary = work.net().classes == 1;
    Tensor labels = Tensor.of(work.labels());
    Tensor y = binary ? labels.to(DType.FLOAT32).reshape(-1, 1) : labels;
    Optimizer optimizer = optimizer(work.net().update, net);
    return () -> {
      try (var scope = new Scope()) {
        optimizer.zeroGrad();
        Tensor out = net.forward(x);
        (binary ? Functional.bceLoss(out, y) : Functional.crossEntropy(out, y)).backward();
        optimizer.step();
      }
    };
  }

  private static Worker infer(Work work) {
    int[] shape = work.input();
    Predictor net = net(work.net()).freeze(Arrays.copyOfRange(shape, 1, shape.length));
    Tensor x = input(shape);
    return () -> {
      try (var scope = new Scope()) {
        net.predict(x);
      }
    };
  }

  /** Random, and laid out as the first layer wants it: the peers' is too. */
  static Tensor input(int... shape) {
    Tensor x = Tensor.randn(shape);
    return shape.length == 4 ? x.channelsLast() : x;
  }
}
