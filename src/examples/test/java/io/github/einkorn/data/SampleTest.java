package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Shape;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The digits in this artifact stand in for MNIST where nothing can be fetched. */
class SampleTest {
  @TempDir Path folder;

  private ImageDataset load(String part) {
    var entries = List.of(new Cache.Entry("train-images-idx3-ubyte", 1, "00"),
        new Cache.Entry("train-labels-idx1-ubyte", 1, "00"), new Cache.Entry("t10k-images-idx3-ubyte", 1, "00"),
        new Cache.Entry("t10k-labels-idx1-ubyte", 1, "00"));
    return Mnist.load(part, new Cache("MNIST", folder, entries, List.of()));
  }

  @Test
  void sixHundredOfEachDigitToTrainOn() {
    ImageDataset d = load("train");
    assertThat(d.images().shape()).isEqualTo(Shape.of(6000, 1, 28, 28));
    long[] count = new long[10];
    for (long y : d.labels().toLongs()) count[(int) y]++;
    assertThat(count).containsOnly(600);
  }

  @Test
  void aHundredOfEachToTestWith() {
    ImageDataset d = load("t10k");
    long[] count = new long[10];
    for (long y : d.labels().toLongs()) count[(int) y]++;
    assertThat(count).containsOnly(100);
    double sum = 0;
    for (float v : d.batch(Order.range(0, 1000)).x().toFloats()) sum += v;
    assertThat(sum / d.images().size()).isBetween(0.12, 0.14);
  }
}
