package io.github.einkorn.peers;

import static io.github.einkorn.global.einkorn.ek_max_pool2d;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import io.github.einkorn.ops.Activation;
import io.github.einkorn.ops.AvgPool2d;
import io.github.einkorn.ops.BatchNorm;
import io.github.einkorn.ops.Conv2d;
import io.github.einkorn.ops.Linear;
import io.github.einkorn.ops.MaxPool2d;
import io.github.einkorn.ops.Relu;
import io.github.einkorn.optim.Adam;
import java.util.List;
import java.util.function.Supplier;

/** Single operations of Einkorn: forward through the public methods, backward through their records. */
final class EinkornOps {
  private EinkornOps() {}

  static Worker worker(Op op) {
    return switch (op.direction()) {
      case FORWARD -> once(forward(op), op.kind() == Op.Kind.MAX_POOL);
      case STEP -> step(op);
      default -> {
        io.github.einkorn.Op record = record(op);
        Tensor gy = EinkornWorker.input(op.output());
        yield once(() -> record.backward(gy), false);
      }
    };
  }

  private static Worker once(Supplier<?> action, boolean recording) {
    if (!recording) new NoGrad(); // for good
    return () -> {
      try (var scope = new Scope()) {
        action.get();
      }
    };
  }

  private static Supplier<Tensor> forward(Op op) {
    Tensor x = EinkornWorker.input(op.input());
    return switch (op.kind()) {
      case CONV -> {
        Tensor w = Tensor.randn(op.weight());
        Window window = window(op);
        yield () -> {
          w.touch(); // as in training, where what was prepared from the weight is stale in every step
          return Functional.conv2d(x, w, null, window, op.g());
        };
      }
      case MAX_POOL -> {
        x.requiresGrad(true);
        yield () -> Functional.maxPool2d(x, window(op));
      }
      case AVG_POOL -> () -> Functional.avgPool2d(x, window(op), true);
      case BATCH_NORM -> {
        Tensor mean = Tensor.zeros(op.c()), var = Tensor.ones(op.c());
        Tensor weight = Tensor.ones(op.c()), bias = Tensor.zeros(op.c());
        yield () -> Functional.batchNorm(x, mean, var, weight, bias, true, 0.1, 1e-5);
      }
      case LINEAR -> {
        Tensor w = Tensor.randn(op.weight()), b = Tensor.randn(op.o());
        yield () -> Functional.linear(x, w, b);
      }
      case RELU -> x::relu;
      case ADD -> {
        Tensor y = Tensor.randn(op.input());
        yield () -> x.add(y);
      }
      default -> throw new UnsupportedOperationException(op + " is not an operation");
    };
  }

  private static Window window(Op op) {
    return Window.of(op.k()).stride(op.s()).pad(op.pad());
  }

  /** What the forward pass keeps for the backward one. */
  private static io.github.einkorn.Op record(Op op) {
    Tensor x = EinkornWorker.input(op.input());
    boolean data = op.direction() == Op.Direction.BACKWARD_DATA;
    int n = op.n(), c = op.c(), h = op.h(), k = op.k(), s = op.s(), p = op.pad(), y = op.outputSize();
    int[] pool = {n, c, h, h, k, k, s, s, 1, 1, 0, 0, y, y, 0, 0, 1};
    return switch (op.kind()) {
      case CONV -> {
        int[] conv = {n, c, h, h, op.o(), k, k, s, s, 1, 1, p, p, p, p, op.g()};
        yield new Conv2d(x, Tensor.randn(op.weight()), null, Activation.IDENTITY, data, !data, false, conv);
      }
      case MAX_POOL -> {
        Tensor position = Tensor.empty(DType.UINT8, Format.CONTIGUOUS, Shape.of(n, y, y, c, 1));
        Tensor output = EinkornWorker.input(op.output());
        Native.check(ek_max_pool2d(pool, 0, x.address(), output.address(), position.address()));
        yield new MaxPool2d(position, pool);
      }
      case AVG_POOL -> new AvgPool2d(pool);
      case BATCH_NORM ->
          new BatchNorm(x, Tensor.ones(c), Tensor.zeros(c), Activation.IDENTITY, Tensor.zeros(c), Tensor.ones(c), true,
              null);
      case LINEAR -> new Linear(x, Tensor.randn(op.weight()), null, Activation.IDENTITY, data, !data, false);
      case RELU -> new Relu(x.relu());
      default -> throw new UnsupportedOperationException(op + " has no backward pass of its own");
    };
  }

  private static Worker step(Op op) {
    Tensor x = EinkornWorker.input(op.input()).requiresGrad(true);
    if (op.kind() == Op.Kind.ADAM) {
      x.sum().backward();
      return new Adam(List.of(x), 0.001)::step;
    }
    Tensor labels = Tensor.of(op.labels());
    return once(() -> {
      x.zeroGrad();
      Functional.crossEntropy(x, labels).backward();
      return x;
    }, true);
  }
}
