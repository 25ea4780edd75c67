package io.github.einkorn.peers;

import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.avg_pool2d_backward;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.convolution_backward;
import static org.bytedeco.pytorch.global.torch.max_pool2d_with_indices;
import static org.bytedeco.pytorch.global.torch.max_pool2d_with_indices_backward;
import static org.bytedeco.pytorch.global.torch.mm;
import static org.bytedeco.pytorch.global.torch.native_batch_norm;
import static org.bytedeco.pytorch.global.torch.native_batch_norm_backward;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.zeros;

import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Single operations of PyTorch, called as its own autograd calls them. */
final class TorchOps {
  private final Op op;
  private final Tensor x;
  private final Tensor gy;
  private final Tensor w;
  private final boolean channelsLast;

  private TorchOps(Op op, boolean channelsLast) {
    this.op = op;
    this.channelsLast = channelsLast;
    x = TorchWorker.input(channelsLast, op.input());
    gy = TorchWorker.input(channelsLast, op.output());
    w = op.o() > 0 ? TorchWorker.input(channelsLast, op.weight()) : null;
  }

  static Worker worker(Op op, boolean channelsLast) {
    if (op.input().length < 4 && channelsLast) {
      throw new UnsupportedOperationException("no images: as with nchw");
    }
    var ops = new TorchOps(op, channelsLast);
    if (op.direction() == Op.Direction.STEP) return ops.step();
    new InferenceMode(true); // for good
    Runnable action = op.direction() == Op.Direction.FORWARD ? ops.forward() : ops.backward();
    return scoped(action);
  }

  private static Worker scoped(Runnable action) {
    return () -> {
      try (var scope = new PointerScope()) {
        action.run();
      }
    };
  }

  private Runnable forward() {
    return switch (op.kind()) {
      case CONV -> {
        var noBias = new TensorOptional();
        yield () -> conv2d(x, w, noBias, two(op.s()), two(op.pad()), two(1), op.g());
      }
      case MAX_POOL -> this::maxPool;
      case AVG_POOL -> {
        var divisor = new LongOptional();
        yield () -> avg_pool2d(x, two(op.k()), two(op.s()), two(0), false, true, divisor);
      }
      case BATCH_NORM -> {
        TensorOptional weight = some(ones(op.c())), bias = some(zeros(op.c()));
        TensorOptional mean = some(zeros(op.c())), var = some(ones(op.c()));
        yield () -> native_batch_norm(x, weight, bias, mean, var, true, 0.1, 1e-5);
      }
      case LINEAR -> {
        TensorOptional b = some(zeros(op.o()));
        yield () -> torch.linear(x, w, b);
      }
      case RELU -> () -> torch.relu(x);
      case ADD -> () -> x.add(gy);
      default -> throw new UnsupportedOperationException(op + " is not an operation");
    };
  }

  private Runnable backward() {
    boolean data = op.direction() == Op.Direction.BACKWARD_DATA;
    return switch (op.kind()) {
      case CONV -> {
        var noBias = new LongArrayRefOptional();
        BoolPointer mask = mask(data, !data, false);
        yield () -> convolution_backward(gy, x, w, noBias, two(op.s()), two(op.pad()), two(1), false, two(0), op.g(),
            mask);
      }
      case MAX_POOL -> {
        Tensor indices = maxPool().get1();
        yield () -> max_pool2d_with_indices_backward(gy, x, two(op.k()), two(op.s()), two(0), two(1), false, indices);
      }
      case AVG_POOL -> {
        var divisor = new LongOptional();
        yield () -> avg_pool2d_backward(gy, x, two(op.k()), two(op.s()), two(0), false, true, divisor);
      }
      case BATCH_NORM -> {
        TensorOptional weight = some(ones(op.c())), mean = some(zeros(op.c())), one = some(ones(op.c()));
        BoolPointer mask = mask(true, true, true);
        yield () -> native_batch_norm_backward(gy, x, weight, mean, one, mean, one, true, 1e-5, mask);
      }
      case LINEAR -> data ? () -> mm(gy, w) : () -> mm(gy.t(), x);
      case RELU -> {
        Tensor y = torch.relu(x);
        var zero = new Scalar(0);
        yield () -> torch.threshold_backward(gy, y, zero);
      }
      default -> throw new UnsupportedOperationException(op + " has no backward pass of its own");
    };
  }

  private T_TensorTensor_T maxPool() {
    return max_pool2d_with_indices(x, two(op.k()), two(op.s()), two(0), two(1), false);
  }

  private Worker step() {
    x.set_requires_grad(true);
    if (op.kind() == Op.Kind.ADAM) {
      x.sum().backward();
      return scoped(new TorchUpdate(Net.Update.ADAM, x)::step);
    }
    Tensor labels = TorchWorker.labels(op.labels());
    return scoped(() -> {
      x.mutable_grad().reset();
      torch.cross_entropy_loss(x, labels).backward();
    });
  }

  private static TensorOptional some(Tensor t) {
    return new TensorOptional(t);
  }

  private static BoolPointer mask(boolean... wanted) {
    var mask = new BoolPointer(wanted.length);
    for (int i = 0; i < wanted.length; i++) mask.put(i, wanted[i]);
    return mask;
  }

  private static long[] two(long n) {
    return new long[] {n, n};
  }
}
