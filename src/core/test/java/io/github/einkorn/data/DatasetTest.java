package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.RandomErasing;
import io.github.einkorn.data.transforms.ToTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DatasetTest {
  /** Sample i is x = (i, -i), y = i. */
  static TensorDataset numbers(int n) {
    float[] x = new float[2 * n];
    long[] y = new long[n];
    for (int i = 0; i < n; i++) {
      x[2 * i] = i;
      x[2 * i + 1] = -i;
      y[i] = i;
    }
    return new TensorDataset(Tensor.of(x, n, 2), Tensor.of(y));
  }

  /** The same samples, one at a time. */
  static Dataset oneByOne(int n) {
    return new Dataset() {
      @Override
      public int size() {
        return n;
      }

      @Override
      public Sample get(int i) {
        return new Sample(Tensor.of((float) i, -i), Tensor.of(new long[] {i}, new int[0]));
      }
    };
  }

  /** Bytes in use once the garbage of earlier tests is gone. */
  static long usedMemory() {
    long used = Memory.used();
    for (int same = 0; same < 3; ) {
      System.gc();
      LockSupport.parkNanos(20_000_000);
      same = Memory.used() == used ? same + 1 : 0;
      used = Memory.used();
    }
    return used;
  }

  private static long[] labels(Dataset d) {
    return d.batch(IntStream.range(0, d.size()).toArray()).y().toLongs();
  }

  @Test
  void batchesGatherRows() {
    for (Dataset d : List.of(numbers(10), oneByOne(10))) {
      Batch b = d.batch(new int[] {7, 0, 7});
      assertThat(b.size()).isEqualTo(3);
      assertThat(b.x().shape()).isEqualTo(Shape.of(3, 2));
      assertThat(b.x().toFloats()).containsExactly(7, -7, 0, 0, 7, -7);
      assertThat(b.y().shape()).isEqualTo(Shape.of(3));
      assertThat(b.y().toLongs()).containsExactly(7, 0, 7);
    }
  }

  @Test
  void samplesHaveNoBatchDimension() {
    Sample s = numbers(10).get(3);
    assertThat(s.x().toFloats()).containsExactly(3, -3);
    assertThat(s.y().shape()).isEqualTo(Shape.SCALAR);
    assertThat(s.y().item()).isEqualTo(3);
    assertThatThrownBy(() -> numbers(10).get(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> numbers(10).get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> numbers(10).batch(new int[] {1, 10})).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> numbers(10).batch(new int[0])).isInstanceOf(ShapeException.class);
  }

  @Test
  void splitCoversEverythingOnce() {
    List<Dataset> parts = numbers(60_000).split(0.9, 777);
    assertThat(parts).extracting(Dataset::size).containsExactly(54_000, 6_000);
    long[] all = new long[60_000];
    System.arraycopy(labels(parts.get(0)), 0, all, 0, 54_000);
    System.arraycopy(labels(parts.get(1)), 0, all, 54_000, 6_000);
    assertThat(Arrays.copyOf(all, 5)).isNotEqualTo(new long[] {0, 1, 2, 3, 4});
    // a fair shuffle puts a tenth of every tenth into the second part
    for (int tenth = 0; tenth < 10; tenth++) {
      int low = tenth * 6000;
      long count = Arrays.stream(all, 54_000, 60_000).filter(y -> y >= low && y < low + 6000).count();
      assertThat(count).isBetween(500L, 700L);
    }
    Arrays.sort(all);
    assertThat(all).isEqualTo(IntStream.range(0, 60_000).asLongStream().toArray());
  }

  @Test
  void splitDependsOnTheSeedAlone() {
    assertThat(labels(numbers(100).split(0.5, 1).get(0))).isEqualTo(labels(numbers(100).split(0.5, 1).get(0)));
    assertThat(labels(numbers(100).split(0.5, 1).get(0))).isNotEqualTo(labels(numbers(100).split(0.5, 2).get(0)));
  }

  @Test
  void splitsIntoSeveralParts() {
    var parts = numbers(10).split(new double[] {0.5, 0.3, 0.2}, 1);
    assertThat(parts).extracting(Dataset::size).containsExactly(5, 3, 2);
  }

  @Test
  void splitRefusesBadFractions() {
    for (double bad : new double[] {0, 1, -0.1, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> numbers(10).split(bad, 1)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("split");
    }
    assertThatThrownBy(() -> numbers(10).split(new double[] {0.5, 0.4}, 1)).hasMessageContaining("add up to 0.9");
    assertThatThrownBy(() -> numbers(3).split(0.99, 1)).hasMessageContaining("leaves part 1 empty");
  }

  @Test
  void viewsTakeSkipSubsetConcat() {
    Dataset d = numbers(10);
    assertThat(labels(d.take(3))).containsExactly(0, 1, 2);
    assertThat(d.take(99).size()).isEqualTo(10);
    assertThat(labels(d.skip(8))).containsExactly(8, 9);
    assertThat(d.skip(99).size()).isZero();
    assertThat(labels(d.subset(new int[] {5, 1}))).containsExactly(5, 1);
    assertThat(labels(d.skip(4).subset(new int[] {5, 1}))).containsExactly(9, 5);
    Dataset both = d.take(2).concat(d.skip(9));
    assertThat(labels(both)).containsExactly(0, 1, 9);
    assertThat(both.batch(new int[] {2}).y().toLongs()).containsExactly(9);
    assertThat(both.batch(new int[] {1, 0}).y().toLongs()).containsExactly(1, 0);
    assertThat(both.get(2).y().item()).isEqualTo(9);
    assertThatThrownBy(() -> both.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> d.subset(new int[] {10})).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> d.take(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> d.skip(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mapAppliesToEverySample() {
    List<Float> seen = new ArrayList<>();
    Dataset d = numbers(3).map(s -> {
      seen.add(s.y().item());
      return new Sample(Tensor.of(2 * s.y().item()), s.y());
    });
    assertThat(seen).isEmpty();
    assertThat(d.batch(new int[] {2, 1}).x().toFloats()).containsExactly(4, 2);
    assertThat(seen).containsExactly(2f, 1f);
  }

  @Test
  void stackingRefusesSamplesThatDiffer() {
    Dataset shapes = numbers(4).map(s -> s.y().item() == 3 ? new Sample(Tensor.of(1f), s.y()) : s);
    assertThatThrownBy(() -> shapes.batch(new int[] {0, 3})).isInstanceOf(ShapeException.class)
        .hasMessage("batch: x of sample 0 has shape (2), of sample 3 (1): stacking needs one shape, so resize, crop or "
            + "pad them, or use batchSize(1)");
    Dataset types = numbers(4).map(s -> s.y().item() == 3 ? new Sample(s.x(), Tensor.of(0f, 0f)) : s);
    assertThatThrownBy(() -> types.batch(new int[] {0, 3})).isInstanceOf(DTypeException.class)
        .hasMessageContaining("y of sample 0 is int64").hasMessageContaining("of sample 3 float32");
    Dataset some = numbers(4).map(s -> s.y().item() == 3 ? new Sample(List.of(s.x(), s.x()), s.targets()) : s);
    assertThatThrownBy(() -> some.batch(new int[] {1, 3})).isInstanceOf(ShapeException.class)
        .hasMessage("batch: sample 1 has 1 tensors for x, sample 3 2");
    assertThatThrownBy(() -> Batch.of(List.of(some.get(1), some.get(3)))).isInstanceOf(ShapeException.class)
        .hasMessage("batch: sample 0 has 1 tensors for x, sample 1 2");
  }

  @Test
  void nullsAreNamed() {
    Dataset bad = new Dataset() {
      @Override
      public int size() {
        return 9;
      }

      @Override
      public Sample get(int index) {
        return index == 7 ? null : numbers(9).get(index);
      }
    };
    for (Dataset d : List.of(bad, bad.map(s -> s), bad.mapTargets(y -> y), bad.weighted(new float[9]))) {
      assertThatThrownBy(() -> d.batch(new int[] {1, 7})).isInstanceOf(EinkornException.class)
          .hasMessage("the data set returned null for sample 7");
    }
    assertThatThrownBy(bad::targets).hasMessage("the data set returned null for sample 7");
    assertThatThrownBy(() -> numbers(4).map(s -> null).batch(new int[] {2})).isInstanceOf(EinkornException.class)
        .hasMessage("map: the function returned null for sample 2");
    Dataset untargeted = numbers(4).mapTargets(y -> null);
    for (ThrowingCallable c : List.<ThrowingCallable>of(() -> untargeted.get(3),
        () -> untargeted.batch(new int[] {3}), () -> untargeted.skip(3).batch(new int[] {0}))) {
      assertThatThrownBy(c).isInstanceOf(EinkornException.class)
          .hasMessage("mapTargets: the function returned null for sample 3");
    }
    assertThatThrownBy(() -> Batch.of(Arrays.asList(numbers(1).get(0), null))).hasMessage("samples[1]");
    Tensor x = Tensor.ones(1);
    assertThatThrownBy(() -> new Batch(Arrays.asList(x, null), List.of(x))).isInstanceOf(NullPointerException.class)
        .hasMessage("inputs[1]");
    assertThatThrownBy(() -> new Sample(List.of(x), Arrays.asList(x, null))).hasMessage("targets[1]");
    assertThatThrownBy(() -> new Sample(null, List.of(x))).hasMessage("inputs");
    assertThatThrownBy(() -> new Sample(x, null)).hasMessage("y");
  }

  @Test
  void tensorsOfDifferentLengthAreRefused() {
    assertThatThrownBy(() -> new TensorDataset(Tensor.zeros(3, 2), Tensor.zeros(4))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("(3, 2) and (4)");
  }

  @Test
  void dataSetsOutliveScopes() {
    TensorDataset d;
    try (var scope = new Scope()) {
      d = numbers(4);
    }
    assertThat(d.get(2).x().toFloats()).containsExactly(2, -2);
  }

  @Test
  void imagesBecomeFloats() {
    int n = 5;
    byte[] bytes = new byte[n * 3 * 70 * 80]; // images larger than the piece that is converted at once
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 31 + i / 1000);
    var d = new ImageDataset(Tensor.of(bytes, n, 3, 70, 80), Tensor.of(4L, 3, 2, 1, 0));
    int row = 3 * 70 * 80;
    Batch b = d.batch(new int[] {4, 1, 1});
    assertThat(b.x().shape()).isEqualTo(Shape.of(3, 3, 70, 80));
    assertThat(b.y().toLongs()).containsExactly(0, 3, 3);
    float[] x = b.x().toFloats();
    float[] one = d.get(4).x().toFloats();
    float[] normal = d.normalize(0.5, 0.25).get(1).x().toFloats();
    for (int i = 0; i < row; i++) {
      float expected = (bytes[4 * row + i] & 255) / 255f;
      assertThat(x[i]).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-7f));
      assertThat(one[i]).isEqualTo(x[i]);
      assertThat(x[row + i]).isEqualTo(x[2 * row + i]);
      double wanted = ((bytes[row + i] & 255) / 255.0 - 0.5) / 0.25;
      assertThat((double) normal[i]).isCloseTo(wanted, org.assertj.core.data.Offset.offset(1e-6));
    }
    assertThat(d.get(0).x().shape()).isEqualTo(Shape.of(3, 70, 80));
  }

  @Test
  void manySmallImagesAreGatheredInPieces() {
    byte[] bytes = new byte[50 * 28 * 28];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i / 784);
    var d = new ImageDataset(Tensor.of(bytes, 50, 1, 28, 28), Tensor.of(new long[50]));
    int[] order = Order.shuffled(50, 3);
    float[] x = d.batch(order).x().toFloats();
    for (int i = 0; i < x.length; i++) assertThat(Math.round(x[i] * 255)).isEqualTo(order[i / 784]);
  }

  @Test
  void imagesOfOtherTypesAreRefused() {
    Tensor images = Tensor.of(new byte[4], 1, 1, 2, 2);
    assertThatThrownBy(() -> new ImageDataset(Tensor.zeros(1, 1, 2, 2), Tensor.of(1L)))
        .isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> new ImageDataset(images, Tensor.of(1f))).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> new ImageDataset(images, Tensor.of(1L, 2L))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ImageDataset(Tensor.of(new byte[4], 1, 4), Tensor.of(1L)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ImageDataset(images, Tensor.of(1L)).normalize(0, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(images.dtype()).isEqualTo(DType.UINT8);
  }

  @Test
  void weightsGoWithTheirSamples() {
    Dataset data = new TensorDataset(Tensor.arange(4).reshape(4, 1), Tensor.of(0L, 1L, 2L, 3L));
    assertThat(data.batch(new int[] {0, 1}).weights()).isNull();
    Dataset weighted = data.weighted(0, 1, 2, 3);
    assertThat(weighted.get(2).weight()).isEqualTo(2);
    assertThat(weighted.batch(new int[] {3, 0}).weights().toFloats()).containsExactly(3, 0);
    assertThat(weighted.skip(2).batch(new int[] {1}).weights().toFloats()).containsExactly(3);
    assertThat(data.concat(weighted).batch(new int[] {3, 7}).weights().toFloats()).containsExactly(1, 3);
    assertThat(weighted.weighted(2, 2, 2, 2).batch(new int[] {3}).weights().toFloats()).containsExactly(6);
    Dataset mapped = weighted.map(s -> s.y().item() == 3 ? s.weight(9) : new Sample(s.x(), s.y()));
    assertThat(mapped.batch(new int[] {2, 3}).weights().toFloats()).containsExactly(2, 9);
    assertThat(weighted.map(s -> s.weight(1)).batch(new int[] {2, 3}).weights()).isNull();
    assertThat(weighted.map(s -> new Sample(s.inputs(), s.targets(), 1)).get(3).weight()).isEqualTo(1);
    for (Batch batch : new DataLoader(weighted).batchSize(4)) {
      assertThat(batch.weights().toFloats()).containsExactly(0, 1, 2, 3);
    }
    assertThatThrownBy(() -> new Sample(Tensor.ones(1), Tensor.ones(1)).weight(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void viewsKeepWeights() {
    Dataset images = new TensorDataset(Tensor.rand(3, 1, 4, 4), Tensor.of(0L, 1L, 2L)).weighted(1, 2, 3);
    Dataset same = images.map(s -> s);
    for (Dataset d : List.of(images.mapTargets(y -> y), images.oneHot(3), images.transform(new ToTensor()),
        same.transform(new ToTensor()), images.subset(new int[] {2, 0}),
        images.transform(new RandomErasing()).seeded(5))) {
      for (int i = 0; i < d.size(); i++) {
        Sample s = d.get(i);
        assertThat(d.batch(new int[] {i}).weights() == null ? 1 : d.batch(new int[] {i}).weights().item())
            .isEqualTo(s.weight());
      }
    }
    assertThat(images.oneHot(3).get(2).weight()).isEqualTo(3);
    assertThat(same.transform(new ToTensor()).get(1).weight()).isEqualTo(2);
    assertThat(images.transform(new RandomErasing()).seeded(5).get(1).weight()).isEqualTo(2);
    assertThat(images.targets()).containsExactly(0, 1, 2);
    var two = new TensorDataset(List.of(Tensor.rand(2, 1, 4, 4), Tensor.ones(2, 3)), List.of(Tensor.of(0L, 1L)));
    assertThatThrownBy(() -> two.transform(new ToTensor()).get(0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("use map");
    assertThatThrownBy(() -> new DataLoader(images).sampler(new WeightedRandomSampler(new double[] {1, 1, 1}, 3, true))
        .over(images)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("sampler");
  }
}
