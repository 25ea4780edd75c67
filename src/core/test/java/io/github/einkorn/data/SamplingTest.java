package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Random;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Image;
import io.github.einkorn.data.transforms.RandomShift;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static List<Long> labels(DataLoader loader) {
    List<Long> all = new ArrayList<>();
    for (Batch b : loader) for (long y : b.y().toLongs()) all.add(y);
    return all;
  }

  /** Labels 0 and 1 and 2 in the proportion 6 : 3 : 1, not in order. */
  private static TensorDataset unequal(int n) {
    long[] y = new long[n];
    for (int i = 0; i < n; i++) y[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
    return new TensorDataset(Tensor.arange(n), Tensor.of(y));
  }

  private static double share(long[] targets, long label) {
    return Arrays.stream(targets).filter(y -> y == label).count() / (double) targets.length;
  }

  @Test
  void drawsFollowTheWeights() {
    int n = 40_000;
    int[] drawn = new WeightedRandomSampler(new double[] {1, 0, 3, 6}, n, true).indices(1);
    int[] count = new int[4];
    for (int i : drawn) count[i]++;
    assertThat(count[1]).isZero();
    assertThat(count[0] / (double) n).isCloseTo(0.1, within(0.01));
    assertThat(count[2] / (double) n).isCloseTo(0.3, within(0.01));
    assertThat(count[3] / (double) n).isCloseTo(0.6, within(0.01));
  }

  /** The first of two without replacement follows the weights, the second the weights of those left. */
  @Test
  void withoutReplacementNoneComesTwice() {
    int n = 20_000;
    int[][] count = new int[3][3];
    var sampler = new WeightedRandomSampler(new double[] {1, 2, 0, 5}, 2, false);
    for (int i = 0; i < n; i++) {
      int[] two = sampler.indices(i);
      assertThat(two).hasSize(2).doesNotHaveDuplicates().doesNotContain(2);
      count[Math.min(two[0], 2)][Math.min(two[1], 2)]++;
    }
    double[] w = {1, 2, 5};
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        double p = a == b ? 0 : w[a] / 8 * w[b] / (8 - w[a]);
        assertThat(count[a][b] / (double) n).isCloseTo(p, within(0.015));
      }
    }
  }

  @Test
  void badWeightsAreRefused() {
    for (double[] bad : new double[][] {{1, -1}, {Double.NaN}, {Double.POSITIVE_INFINITY}, {0, 0}, {}}) {
      assertThatThrownBy(() -> new WeightedRandomSampler(bad, 1, true)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new WeightedRandomSampler(new double[] {1, 0, 1}, 3, false))
        .hasMessageContaining("cannot draw 3 indices without replacement from 2");
    for (int n : new int[] {0, Integer.MAX_VALUE - 7, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> new WeightedRandomSampler(new double[] {1}, n, true))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot draw " + n);
    }
  }

  @Test
  void aDataSetOfNegativeSizeIsATypedError() {
    Dataset negative = new Dataset() {
      @Override
      public int size() {
        return -1;
      }

      @Override
      public Sample get(int index) {
        throw new AssertionError();
      }
    };
    assertThatThrownBy(() -> WeightedRandomSampler.balanced(negative)).isInstanceOf(EinkornException.class)
        .hasMessage("targets: the data set has -1 samples");
  }

  @Test
  void aBalancedLoaderShowsEveryClassAsOften() {
    Dataset data = unequal(1000);
    DataLoader loader = new DataLoader(data).batchSize(100).sampler(WeightedRandomSampler.balanced(data)).seed(4);
    assertThat(loader.batches()).isEqualTo(10);
    DataLoader most = new DataLoader(data).batchSize(300).sampler(WeightedRandomSampler.balanced(data)).dropLast(true);
    assertThat(most.samples()).isEqualTo(900);
    List<Long> first = labels(loader);
    for (long c = 0; c < 3; c++) {
      long label = c;
      assertThat(first.stream().filter(y -> y == label).count()).isBetween(280L, 390L);
    }
    List<Long> second = labels(loader);
    assertThat(second).isNotEqualTo(first);
    for (int workers : new int[] {0, 1, 2, 4}) {
      DataLoader again = new DataLoader(data).batchSize(100).sampler(WeightedRandomSampler.balanced(data)).seed(4)
          .workers(workers);
      assertThat(labels(again)).isEqualTo(first);
      assertThat(labels(again)).isEqualTo(second);
    }
  }

  @Test
  void aSamplerOfOnesOwn() {
    Sampler odd = new Sampler() {
      @Override
      public int size() {
        return 5;
      }

      @Override
      public int[] indices(long seed) {
        return new int[] {1, 3, 5, 7, 9};
      }
    };
    assertThat(labels(new DataLoader(DatasetTest.numbers(10)).batchSize(2).sampler(odd)))
        .containsExactly(1L, 3L, 5L, 7L, 9L);
    assertThatThrownBy(() -> new DataLoader(DatasetTest.numbers(8)).sampler(odd).iterator())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DataLoader: the sampler gave index 9, but the data set has 8 samples");
    assertThatThrownBy(() -> new DataLoader(DatasetTest.numbers(10)).sampler(odd).shuffle(true))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("leave out shuffle");
    assertThatThrownBy(() -> new DataLoader(DatasetTest.numbers(10)).shuffle(true).sampler(odd))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DataLoader(DatasetTest.numbers(10)).workers(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A sample that comes several times in an epoch is augmented differently each time. */
  @Test
  void repeatedSamplesDrawAnew() {
    float[] values = new float[2 * 64];
    for (int i = 0; i < values.length; i++) values[i] = i;
    Dataset data = new TensorDataset(Tensor.of(values, 2, 1, 8, 8), Tensor.of(0L, 1L)).transform(new RandomShift(6));
    DataLoader loader = new DataLoader(data).batchSize(5).seed(1)
        .sampler(new WeightedRandomSampler(new double[] {1, 0}, 20, true));
    Set<String> seen = new HashSet<>();
    List<String> inOrder = new ArrayList<>();
    for (Batch b : loader) {
      float[] x = b.x().toFloats();
      for (int i = 0; i < 5; i++) inOrder.add(Arrays.toString(Arrays.copyOfRange(x, 64 * i, 64 * i + 64)));
    }
    seen.addAll(inOrder);
    assertThat(seen).hasSizeGreaterThan(12); // of 20 among 169 shifts
    List<String> again = new ArrayList<>();
    DataLoader other = new DataLoader(data).batchSize(3).seed(1).workers(3)
        .sampler(new WeightedRandomSampler(new double[] {1, 0}, 20, true));
    for (Batch b : other) {
      float[] x = b.x().toFloats();
      for (int i = 0; i < b.size(); i++) again.add(Arrays.toString(Arrays.copyOfRange(x, 64 * i, 64 * i + 64)));
    }
    assertThat(again).isEqualTo(inOrder);
  }

  @Test
  void onlyRandomIterationsUseTheGlobalNumbers() {
    Dataset images = new TensorDataset(Tensor.zeros(4, 1, 2, 2), Tensor.arange(4));
    Einkorn.seed(1);
    labels(new DataLoader(images.transform(new io.github.einkorn.data.transforms.Resize(3, 3))));
    assertThat(Random.count()).isZero();
    labels(new DataLoader(images.transform(new RandomShift(1))));
    assertThat(Random.count()).isEqualTo(1);
  }

  @Test
  void stratifiedPartsHaveEveryClassInProportion() {
    List<Dataset> parts = unequal(1000).stratifiedSplit(new double[] {0.7, 0.2, 0.1}, 5);
    assertThat(parts).extracting(Dataset::size).containsExactly(700, 200, 100);
    for (Dataset part : parts) {
      assertThat(share(part.targets(), 0)).isCloseTo(0.6, within(1.01 / part.size()));
      assertThat(share(part.targets(), 1)).isCloseTo(0.3, within(1.01 / part.size()));
      assertThat(share(part.targets(), 2)).isCloseTo(0.1, within(1.01 / part.size()));
    }
    long[] all = parts.stream()
        .flatMapToLong(p -> IntStream.range(0, p.size()).mapToLong(i -> (long) p.get(i).x().item())).sorted().toArray();
    assertThat(all).isEqualTo(LongStream.range(0, 1000).toArray());
    assertThat(parts.get(0).targets()).isEqualTo(unequal(1000).stratifiedSplit(new double[] {0.7, 0.2, 0.1}, 5).get(0)
        .targets());
    assertThat(parts.get(0).targets()).isNotEqualTo(unequal(1000).stratifiedSplit(0.7, 6).get(0).targets());
    // a part is mixed: its first half is not one class
    assertThat(share(Arrays.copyOf(parts.get(0).targets(), 350), 0)).isBetween(0.5, 0.7);
    // many classes of few samples: still as many in each part as asked for
    long[] y = LongStream.range(0, 500).map(i -> i % 100).toArray();
    List<Dataset> few = new TensorDataset(Tensor.arange(500), Tensor.of(y)).stratifiedSplit(0.9, 1);
    assertThat(few).extracting(Dataset::size).containsExactly(450, 50);
    for (long c = 0; c < 100; c++) {
      assertThat(share(few.get(0).targets(), c) * 450).isBetween(3.99, 5.01);
    }
    // 1000 of one class, and 100 classes of one sample
    long[] single = LongStream.range(0, 1100).map(i -> Math.max(0, i - 999)).toArray();
    for (int seed = 0; seed < 5; seed++) {
      Dataset part = new TensorDataset(Tensor.arange(1100), Tensor.of(single)).stratifiedSplit(0.49, seed).get(0);
      assertThat(part.size()).isEqualTo(539);
      assertThat(share(part.targets(), 0) * 539).isBetween(488.99, 491.01);
    }
    int[] counts = {2, 12, 8, 11, 6, 10};
    double[] parts5 = {0.235, 0.063, 0.078, 0.048, 0.576};
    long[] labels = IntStream.range(0, counts.length).boxed()
        .flatMapToLong(c -> LongStream.generate(() -> c).limit(counts[c])).toArray();
    List<Dataset> five = new TensorDataset(Tensor.arange(49), Tensor.of(labels)).stratifiedSplit(parts5, 3);
    for (int p = 0; p < parts5.length; p++) {
      for (int c = 0; c < counts.length; c++) {
        int label = c;
        double share = (double) five.get(p).size() / labels.length * counts[c];
        assertThat((double) LongStream.of(five.get(p).targets()).filter(t -> t == label).count())
            .isBetween(share - 2, share + 2);
      }
    }
    assertThatThrownBy(() -> unequal(10).stratifiedSplit(1.2, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stratifiedSplit");
    assertThatThrownBy(() -> new TensorDataset(Tensor.zeros(4, 2), Tensor.zeros(4, 2)).stratifiedSplit(0.5, 1))
        .isInstanceOf(DTypeException.class).hasMessageContaining("expected labels");
  }

  @Test
  void targetsAreMapped() {
    Dataset odd = DatasetTest.numbers(6).mapTargets(y -> Tensor.of(new long[] {(long) y.item() % 2}, new int[0]));
    assertThat(odd.targets()).containsExactly(0, 1, 0, 1, 0, 1);
    assertThat(odd.batch(new int[] {5, 4}).y().toLongs()).containsExactly(1, 0);
    assertThat(odd.batch(new int[] {5, 4}).x().toFloats()).containsExactly(5, -5, 4, -4);
    Dataset hot = DatasetTest.numbers(3).oneHot(4);
    assertThat(hot.get(1).y().toFloats()).containsExactly(0, 1, 0, 0);
    Batch b = hot.batch(new int[] {2, 0});
    assertThat(b.y().shape()).isEqualTo(Shape.of(2, 4));
    assertThat(b.y().toFloats()).containsExactly(0, 0, 1, 0, 1, 0, 0, 0);
    assertThatThrownBy(() -> DatasetTest.numbers(6).oneHot(4).batch(new int[] {5}))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("label 5").hasMessageContaining("0..3");
    assertThatThrownBy(hot::targets).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> DatasetTest.numbers(6).oneHot(0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(DatasetTest.oneByOne(4).targets()).containsExactly(0, 1, 2, 3);
    assertThat(DatasetTest.numbers(3).concat(DatasetTest.numbers(2)).skip(1).targets()).containsExactly(1, 2, 0, 1);
  }

  @Test
  void samplesOfSeveralTensorsKeepThem() {
    Tensor x = Tensor.zeros(3, 1, 2, 2);
    Dataset two =
        new TensorDataset(List.of(x, Tensor.arange(3)), List.of(Tensor.of(0L, 1L, 2L), Tensor.of(2L, 1L, 0L)));
    Batch b = two.oneHot(3).batch(new int[] {2, 0});
    assertThat(b.inputs().get(1).toLongs()).containsExactly(2, 0);
    assertThat(b.targets().get(1).toFloats()).containsExactly(1, 0, 0, 0, 0, 1);
    assertThat(two.oneHot(3).get(2).targets().get(1).toFloats()).containsExactly(1, 0, 0);
    assertThatThrownBy(two::targets).isInstanceOf(ShapeException.class).hasMessageContaining("sample 0 has 2 targets");
    assertThatThrownBy(() -> two.transform(new RandomShift(1)).get(0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("2 inputs and 2 targets: use map");
  }

  @Test
  void imagesInMemoryAreTransformed() {
    byte[] bytes = new byte[4 * 3 * 5 * 6];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 31);
    var images = new ImageDataset(Tensor.of(bytes, 4, 3, 5, 6), Tensor.of(3L, 2, 1, 0));
    Image third = images.picture(2).image();
    float[] x = images.get(2).x().toFloats();
    for (int i = 0; i < 90; i++) assertThat(third.toFloats()[i]).isCloseTo(x[i], within(1e-6f));
    assertThat(images.targets()).containsExactly(3, 2, 1, 0);
    Dataset same = images.normalize(0.5, 0.25).transform((image, draws) -> image);
    float[] normal = images.normalize(0.5, 0.25).batch(new int[] {3, 1}).x().toFloats();
    float[] through = same.batch(new int[] {3, 1}).x().toFloats();
    for (int i = 0; i < normal.length; i++) assertThat(through[i]).isCloseTo(normal[i], within(1e-5f));
    assertThat(same.batch(new int[] {3, 1}).y().toLongs()).containsExactly(0, 2);
    assertThatThrownBy(() -> images.picture(4)).isInstanceOf(IndexOutOfBoundsException.class);
    Dataset vectors = DatasetTest.numbers(3).transform(new RandomShift(1));
    assertThatThrownBy(() -> vectors.get(0)).isInstanceOf(ShapeException.class).hasMessageContaining("(C, H, W)");
    assertThatThrownBy(() -> images.batch(new int[0])).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> same.batch(new int[0])).isInstanceOf(ShapeException.class);
  }
}
