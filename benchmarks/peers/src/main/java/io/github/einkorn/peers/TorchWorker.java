package io.github.einkorn.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** PyTorch through its Java preset. Arguments: workload, threads, nchw or channels-last. */
public final class TorchWorker {
  private static Conv2dImpl conv(int in, int out, int k, int pad) {
    Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(k, k));
    options.padding().put(new LongPointer(pad, pad));
    return new Conv2dImpl(options);
  }

  private abstract static class Net extends Module {
    abstract Tensor forward(Tensor x);
  }

  /** W2: conv 30@5x5, ReLU, pool 2, 100, 10. */
  private static final class SimpleConvNet extends Net {
    final Conv2dImpl conv = register_module("conv", conv(1, 30, 5, 0));
    final LinearImpl fc1 = register_module("fc1", new LinearImpl(30 * 12 * 12, 100));
    final LinearImpl fc2 = register_module("fc2", new LinearImpl(100, 10));

    @Override
    Tensor forward(Tensor x) {
      Tensor h = pool(relu(conv.forward(x)));
      return fc2.forward(relu(fc1.forward(h.flatten(1, -1))));
    }
  }

  /** The quickstart's net. */
  private static final class QuickstartNet extends Net {
    final Conv2dImpl conv1 = register_module("conv1", conv(1, 32, 3, 1));
    final BatchNorm2dImpl bn1 = register_module("bn1", new BatchNorm2dImpl(new BatchNormOptions(32)));
    final Conv2dImpl conv2 = register_module("conv2", conv(32, 64, 3, 1));
    final BatchNorm2dImpl bn2 = register_module("bn2", new BatchNorm2dImpl(new BatchNormOptions(64)));
    final LinearImpl fc = register_module("fc", new LinearImpl(64 * 7 * 7, 10));

    @Override
    Tensor forward(Tensor x) {
      Tensor h = pool(relu(bn1.forward(conv1.forward(x))));
      h = pool(relu(bn2.forward(conv2.forward(h))));
      return fc.forward(torch.dropout(h.flatten(1, -1), 0.3, true));
    }
  }

  private static Tensor pool(Tensor x) {
    return max_pool2d(x, 2);
  }

  public static void main(String[] args) throws Exception {
    set_num_threads(Integer.parseInt(args[1]));
    Net net = args[0].equals("W2") ? new SimpleConvNet() : new QuickstartNet();
    Tensor x = randn(100, 1, 28, 28);
    Tensor y = randint(10, new long[] {100}, new TensorOptions(torch.ScalarType.Long));
    if (args[2].equals("channels-last")) {
      x = x.contiguous(torch.MemoryFormat.ChannelsLast);
      for (int i = 0; i < net.parameters().size(); i++) {
        Tensor p = net.parameters().get(i);
        if (p.dim() == 4) p.set_data(p.contiguous(torch.MemoryFormat.ChannelsLast));
      }
    }
    Adam adam = new Adam(net.parameters(), new AdamOptions(1e-3));
    Tensor images = x;
    Worker.serve(() -> {
      try (PointerScope scope = new PointerScope()) {
        adam.zero_grad();
        Tensor loss = cross_entropy_loss(net.forward(images), y);
        loss.backward();
        adam.step();
      }
    }, 30, 30);
  }
}
