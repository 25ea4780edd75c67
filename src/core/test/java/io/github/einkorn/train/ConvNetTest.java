package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.ImageDataset;
import io.github.einkorn.nn.AvgPool2d;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Predictor;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A small net with every kind of layer of a convolutional one: its numbers, its memory and its formats. */
class ConvNetTest {
  private static final int BATCH = 16, SIDE = 16, BATCHES = 10;
  private static final CrossEntropyLoss LOSS = new CrossEntropyLoss();

  private final int threads = Einkorn.threads();

  @AfterEach
  void restoreThreads() {
    Einkorn.threads(threads);
  }

  /** Both kinds of sum: relu(body(x) + x) + x. */
  private static final class Residual extends Layer {
    final Layer body = child("body", new Sequential(new Conv2d(16, 16, Window.same(3)), new BatchNorm2d(16), new ReLU(),
        new Conv2d(16, 16, Window.same(3)), new BatchNorm2d(16)));

    @Override
    public Tensor forward(Tensor x) {
      return Functional.addRelu(body.forward(x), x).add(x);
    }
  }

  /** Convolutions of few channels, by Winograd (3x3 and 5x5), and strided; the result is (N, 32, 2, 2). */
  private static Sequential features(int channels) {
    return new Sequential(new Conv2d(channels, 16, Window.same(5)), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2),
        new Residual(), new Conv2d(16, 16, Window.same(5)), new ReLU(), new AvgPool2d(2), new Dropout(0.2),
        new Conv2d(16, 32, Window.of(3).stride(2).pad(1)), new BatchNorm2d(32), new ReLU());
  }

  private static Sequential net() {
    return features(1).add(new Flatten()).add(new Linear(32 * 2 * 2, 32)).add(new ReLU()).add(new Linear(32, 10));
  }

  private static DataLoader loader() {
    var random = new Random(1);
    byte[] pixels = new byte[BATCH * BATCHES * SIDE * SIDE];
    random.nextBytes(pixels);
    long[] labels = random.longs(BATCH * BATCHES, 0, 10).toArray();
    var images = new ImageDataset(Tensor.of(pixels, BATCH * BATCHES, 1, SIDE, SIDE), Tensor.of(labels));
    return new DataLoader(images).batchSize(BATCH).shuffle(true).prefetch(2);
  }

  private static void step(Layer net, Optimizer optimizer, Batch batch) {
    try (var scope = new Scope()) {
      optimizer.zeroGrad();
      LOSS.forward(net.forward(batch.x()), batch.y()).backward();
      optimizer.step();
    }
  }

  private static void epochs(int count, DataLoader loader, Consumer<Batch> step) {
    for (int i = 0; i < count; i++) for (Batch batch : loader) step.accept(batch);
  }

  /** Bits of the parameters and running statistics, one after the other, after 100 steps. */
  private static int[] trained(int threads, Function<List<Tensor>, Optimizer> rule) {
    Einkorn.threads(threads);
    Einkorn.seed(3);
    var net = net();
    Optimizer optimizer = rule.apply(net.parameters());
    epochs(100 / BATCHES, loader(), batch -> step(net, optimizer, batch));
    return net.stateDict().values().stream().filter(t -> t.dtype() == DType.FLOAT32).map(Tensor::toFloats)
        .flatMapToInt(values -> IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])))
        .toArray();
  }

  static Stream<Named<Function<List<Tensor>, Optimizer>>> rules() {
    return Stream.of(Named.of("Adam", p -> new Adam(p, 1e-3)),
        Named.of("SGD with momentum", p -> new SGD(p, 0.01).momentum(0.9)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aHundredStepsGiveTheSameBitsInEveryRunOnAnyNumberOfThreads(Function<List<Tensor>, Optimizer> rule) {
    int[] one = trained(1, rule);
    assertThat(Arrays.stream(one).mapToObj(Float::intBitsToFloat)).allMatch(Float::isFinite);
    for (int threads : new int[] {1, 2, 3, 4, 2}) {
      assertThat(Arrays.mismatch(trained(threads, rule), one)).as("first difference, %d threads", threads)
          .isEqualTo(-1);
    }
  }

  /**
   * After the first repetition there comes one that asks the operating system for nothing. Not always the next one: the
   * loader's thread may meet the steps at a new moment, when both want a block of one size.
   */
  private static void memoryComesToStandStill(Runnable fiftySteps) {
    fiftySteps.run();
    long grown = 1, held = 0;
    for (int i = 0; i < 10 && grown > 0; i++) {
      long before = Memory.grown(), used = Memory.used();
      fiftySteps.run();
      grown = Memory.grown() - before;
      held = Memory.used() - used;
    }
    assertThat(grown).as("requests in 50 steps").isZero();
    assertThat(held).as("bytes left by 50 steps").isLessThan(50 * 64); // less than the smallest block for each
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void trainingAsksNothingOfTheOperatingSystem(int threads) {
    Einkorn.threads(threads);
    var net = net();
    var adam = new Adam(net.parameters(), 1e-3);
    var loader = loader();
    memoryComesToStandStill(() -> epochs(50 / BATCHES, loader, batch -> step(net, adam, batch)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void inferenceAsksNothingOfTheOperatingSystem(int threads) {
    Einkorn.threads(threads);
    var net = net();
    net.eval();
    var loader = loader();
    try (Predictor frozen = net.freeze(1, SIDE, SIDE)) {
      memoryComesToStandStill(() -> epochs(50 / BATCHES, loader, batch -> {
        try (var scope = new Scope()) {
          net.predict(batch.x());
          frozen.predict(batch.x());
        }
      }));
    }
  }

  /** The activation that is flattened has 2x2 pixels, or one, of which there is nothing to convert. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void onlyTheFlatteningConvertsAndItsGradient(int channels) {
    var features = features(channels);
    var flat = new Sequential(new Flatten(), new Linear(32 * 2 * 2, 10));
    var pooled = new Sequential(new GlobalAvgPool2d(), new Flatten(), new Linear(32, 10));
    Tensor images = Tensor.rand(BATCH, channels, SIDE, SIDE);
    Tensor x = channels == 1 ? images : images.channelsLast(), y = Tensor.of(new long[BATCH]);
    for (Layer head : List.of(flat, pooled)) {
      var parameters = Stream.of(features, head).flatMap(part -> part.parameters().stream()).toList();
      var adam = new Adam(parameters, 1e-3);
      int flattening = head == flat ? 1 : 0;
      try (var scope = new Scope()) {
        long start = Memory.conversions();
        Tensor h = features.forward(x);
        assertThat(Memory.conversions() - start).as("features").isZero();
        Tensor loss = LOSS.forward(head.forward(h), y);
        assertThat(Memory.conversions() - start).as("forward").isEqualTo(flattening);
        loss.backward();
        assertThat(Memory.conversions() - start).as("and backward").isEqualTo(2 * flattening);
        adam.step();
        assertThat(Memory.conversions() - start).as("and the optimizer").isEqualTo(2 * flattening);
      }
    }
  }

  @Test
  void theGradientOfAFlatteningMeetsOthersInTheFormatOfTheActivation() {
    try (var scope = new Scope()) {
      Tensor h = features(1).forward(Tensor.rand(BATCH, 1, SIDE, SIDE));
      Tensor mean = h.mean(), rows = h.flatten(1).square().mean();
      long start = Memory.conversions();
      mean.add(rows).backward();
      assertThat(Memory.conversions() - start).isEqualTo(1);
    }
  }
}
