package io.github.einkorn.peers;

import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** PyTorch through its Java preset, with its fused optimizers. Configurations: {@code nchw}, {@code channels-last}. */
public final class TorchWorker {
  private TorchWorker() {}

  public static void main(String[] args) throws Exception {
    Worker.main(args, (task, threads, config) -> {
      set_num_threads(threads);
      boolean last = config.equals("channels-last");
      torch.globalContext().setUserEnabledNNPACK(false); // it would be tried in vain at each convolution
      if (task instanceof Op op) return TorchOps.worker(op, last);
      if (task == Whole.MNIST) return new TorchMnist(last);
      if (task instanceof Work work) return work.training() ? train(work, last) : infer(work, last);
      throw new UnsupportedOperationException(task + " is not for workers");
    });
  }

  private static Worker train(Work work, boolean channelsLast) {
    var net = new TorchNet(work.net(), channelsLast);
    Tensor x = input(channelsLast, work.input());
    boolean binary = work.net().classes == 1;
    Tensor labels = labels(work.labels());
    Tensor y = binary ? labels.to(torch.ScalarType.Float).reshape(-1, 1) : labels;
    return () -> net.train(x, y);
  }

  private static Worker infer(Work work, boolean channelsLast) {
    var net = new TorchNet(work.net(), channelsLast);
    net.module.eval();
    Tensor x = input(channelsLast, work.input());
    new InferenceMode(true); // for good
    return () -> {
      try (var scope = new PointerScope()) {
        net.forward(x);
      }
    };
  }

  static Tensor input(boolean channelsLast, int... shape) {
    return format(randn(longs(shape)), channelsLast);
  }

  static Tensor format(Tensor x, boolean channelsLast) {
    return channelsLast && x.dim() == 4 ? x.contiguous(torch.MemoryFormat.ChannelsLast) : x;
  }

  static Tensor labels(long[] y) {
    return torch.tensor(y, new TensorOptions(torch.ScalarType.Long));
  }

  static long[] longs(int... shape) {
    long[] all = new long[shape.length];
    for (int i = 0; i < all.length; i++) all[i] = shape[i];
    return all;
  }
}
