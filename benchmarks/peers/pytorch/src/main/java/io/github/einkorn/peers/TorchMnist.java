package io.github.einkorn.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** The quickstart's net, an epoch a step, on the files that Einkorn keeps. */
final class TorchMnist implements Worker {
  private static final int BATCH = 100;
  private static final int TEST_BATCH = 500;

  private final boolean channelsLast;
  private final TorchNet net;
  private final Tensor images = images("train");
  private final Tensor labels = labels("train");
  private final Tensor testImages = images("t10k");
  private final Tensor testLabels = labels("t10k");
  private int epoch;

  TorchMnist(boolean channelsLast) throws IOException {
    this.channelsLast = channelsLast;
    torch.manual_seed(1);
    net = new TorchNet(Net.QUICKSTART, channelsLast);
  }

  @Override
  public void step() {
    net.update.rate(Whole.rate(epoch++));
    net.module.train(true);
    int n = (int) images.size(0);
    Tensor order = torch.randperm(n);
    for (int i = 0; i < n; i += BATCH) {
      try (var scope = new PointerScope()) {
        Tensor rows = order.narrow(0, i, BATCH);
        net.train(TorchWorker.format(images.index_select(0, rows), channelsLast), labels.index_select(0, rows));
      }
    }
  }

  @Override
  public double accuracy() {
    net.module.eval();
    int n = (int) testImages.size(0);
    double right = 0;
    for (int i = 0; i < n; i += TEST_BATCH) {
      try (var scope = new PointerScope(); var off = new InferenceMode(true)) {
        Tensor y = net.forward(TorchWorker.format(testImages.narrow(0, i, TEST_BATCH), channelsLast));
        right += y.argmax(new LongOptional(1), false).eq(testLabels.narrow(0, i, TEST_BATCH)).sum().item_long();
      }
    }
    return right / n;
  }

  private static Tensor images(String part) throws IOException {
    byte[] pixels = idx(part + "-images-idx3-ubyte", 16);
    return bytes(pixels).to(torch.ScalarType.Float).div_(new Scalar(255.0)).reshape(-1, 1, 28, 28);
  }

  private static Tensor labels(String part) throws IOException {
    return bytes(idx(part + "-labels-idx1-ubyte", 8)).to(torch.ScalarType.Long);
  }

  private static Tensor bytes(byte[] values) {
    Tensor x = torch.empty(new long[] {values.length}, new TensorOptions(torch.ScalarType.Byte), null);
    new BytePointer(x.data_ptr()).put(values);
    return x;
  }

  /** What follows the header of a file. */
  private static byte[] idx(String name, int header) throws IOException {
    String home = System.getenv("EINKORN_HOME");
    Path file = (home == null ? Path.of(System.getProperty("user.home"), ".cache", "einkorn") : Path.of(home))
        .resolve("mnist").resolve(name);
    if (!Files.exists(file)) throw new NoSuchFileException(file + ": fetch it with scripts/setup.sh --data");
    byte[] all = Files.readAllBytes(file);
    return Arrays.copyOfRange(all, header, all.length);
  }
}
