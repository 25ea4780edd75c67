package io.github.einkorn.nn;

import static io.github.einkorn.nn.Freezing.assertSame;
import static io.github.einkorn.nn.Freezing.closer;
import static io.github.einkorn.nn.Freezing.layer;
import static io.github.einkorn.nn.Freezing.used;
import static io.github.einkorn.nn.Window.same;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Memory;
import io.github.einkorn.Random;
import io.github.einkorn.Scope;
import io.github.einkorn.Settled;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.optim.SGD;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PredictorTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** A residual block (He et al. 2016), as a program writes it. */
  private static final class Block extends Layer {
    final Conv2d conv1, conv2;
    final BatchNorm2d bn1, bn2;
    final Layer shortcut;

    Block(int in, int out) {
      int stride = in == out ? 1 : 2;
      conv1 = child("conv1", new Conv2d(in, out, Window.of(3).pad(1).stride(stride)).bias(false));
      bn1 = child("bn1", new BatchNorm2d(out));
      conv2 = child("conv2", new Conv2d(out, out, same(3)).bias(false));
      bn2 = child("bn2", new BatchNorm2d(out));
      shortcut = child("shortcut", in == out ? new Identity()
          : new Sequential(new Conv2d(in, out, Window.of(1).stride(2)).bias(false), new BatchNorm2d(out)));
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor h = bn1.forward(conv1.forward(x)).relu();
      return bn2.forward(conv2.forward(h)).add(shortcut.forward(x)).relu();
    }
  }

  private static Sequential leNet() {
    return new Sequential(new Conv2d(1, 6, Window.of(5).pad(2)), new Tanh(), new AvgPool2d(2), new Conv2d(6, 16, 5),
        new Tanh(), new AvgPool2d(2), new Conv2d(16, 120, 5), new Tanh(), new Flatten(), new Linear(120, 84),
        new Tanh(), new Linear(84, 10));
  }

  private static Sequential resNet() {
    return new Sequential(new Conv2d(3, 16, Window.of(7).stride(2).pad(3)).bias(false), new BatchNorm2d(16), new ReLU(),
        new MaxPool2d(Window.of(3).stride(2).pad(1)), new Block(16, 16), new Block(16, 32), new Block(32, 32),
        new GlobalAvgPool2d(), new Flatten(), new Linear(32, 10));
  }

  private static Sequential everyLayer() {
    return new Sequential(new Conv2d(3, 8, same(3)), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2),
        new Conv2d(8, 16, same(3)).groups(2), new LeakyReLU(0.1), new AvgPool2d(2), new Identity(),
        new Conv2d(16, 32, 3), new Sigmoid(), new Softmax(1), new GlobalAvgPool2d(), new Flatten(), new Linear(32, 24),
        new BatchNorm1d(24), new Tanh(), new Dropout(0.5), new Linear(24, 10), new LogSoftmax(1));
  }

  @Test
  void withoutBatchNormEveryBitIsTheSame() {
    Layer model = leNet();
    assertSame(model, model.freeze(1, 28, 28), 0, 1, 28, 28);
    assertThat(model.isTraining()).isTrue();
  }

  @Test
  void everyBuiltInLayer() {
    var model = used(everyLayer(), 3, 16, 16);
    Predictor frozen = model.freeze(3, 16, 16);
    assertSame(model, frozen, 1e-5, 3, 16, 16);
    assertThat(frozen.steps()).isEqualTo(13); // 19 without Identity, Dropout, two normalizations, two activations
    assertThat(frozen.explain()).contains("(N, 8, 16, 16)", "0 (Conv2d) + 1 (BatchNorm2d)",
        "13 (Linear) + 14 (BatchNorm1d)").doesNotContain("Dropout");
  }

  @Test
  void residualBlocks() {
    var model = used(resNet(), 3, 32, 32);
    Predictor frozen = model.freeze(3, 32, 32);
    assertSame(model, frozen, 1e-4, 3, 32, 32);
    assertThat(frozen.steps()).isEqualTo(15); // 8 convolutions, 3 sums; pool with its ReLU; mean, flatten, linear
    assertThat(frozen.explain()).doesNotContain("BatchNorm  ").contains("5.shortcut.0 (Conv2d) + 5.shortcut.1",
        "Conv2dRelu", "AddRelu");
  }

  @Test
  void outputsHaveMemoryOfTheirOwn() {
    Tensor w = Tensor.ones(1, 3);
    Predictor constant = layer(x -> w).freeze(3), same = new Sequential(new Flatten(), new Dropout(0.5)).freeze(3);
    Tensor x = Tensor.ones(2, 3);
    constant.predict(x).mulInPlace(0);
    same.predict(x).mulInPlace(0);
    assertThat(constant.predict(x).toFloats()).containsExactly(1, 1, 1);
    assertThat(x.toFloats()).containsOnly(1);
  }

  @Test
  void extentsOfTheBatchAreFollowed() {
    Layer shuffle = layer(x -> { // of ShuffleNet, with all extents written out
      int n = x.dim(0), c = x.dim(1), h = x.dim(2), w = x.dim(3);
      return x.reshape(n, 3, c / 3, h, w).permute(0, 2, 1, 3, 4).reshape(n, c, h, w);
    });
    assertSame(shuffle, shuffle.freeze(6, 2, 3), 0, 6, 2, 3);
    Layer rows = layer(x -> x.reshape(x.dim(0) * 2, 3).softmax(1).reshape(x.dim(0), 6));
    assertSame(rows, rows.freeze(6), 0, 6);
    Layer padded = layer(x -> Tensor.cat(1, x, Tensor.full(3, x.dim(0), 2, 4, 4))); // option A of He et al.
    assertSame(padded, padded.freeze(3, 4, 4), 0, 3, 4, 4);
  }

  @Test
  void layersFunctionsAndTheirLayouts() {
    Layer model = layer(x -> {
      Tensor h = Functional.batchNorm(x.permute(0, 2, 1).contiguous(), null, null, null, null, true, 0, 1e-5);
      return Tensor.stack(1, h.max(2), h.mean(2), h.detach().copy().select(2, -1)).clamp(-1, 1).matmul(Tensor.eye(5));
    });
    assertSame(model, model.freeze(4, 5), 0, 4, 5);
    Layer labels = layer(x -> Tensor.oneHot(x.argmax(1), 4).add(x.gt(0.5).to(DType.FLOAT32)));
    assertSame(labels, labels.freeze(4), 0, 4);
    Layer printed = layer(x -> x.add(x.toString().length() > 0 ? 1 : 0));
    assertSame(printed, printed.freeze(4), 0, 4);
    Layer itself = new Identity();
    assertSame(itself, itself.freeze(4), 0, 4);
  }

  @Test
  void theModelGoesOnWithoutThePredictor() {
    var model = used(resNet(), 3, 32, 32);
    Tensor x = Tensor.randn(4, 3, 32, 32), labels = Tensor.of(1L, 2, 3, 4);
    Predictor frozen = model.freeze(3, 32, 32);
    float[] before = frozen.predict(x).toFloats(), own = model.predict(x).toFloats();
    var sgd = new SGD(model.parameters(), 0.1);
    for (int i = 0; i < 2; i++) {
      sgd.zeroGrad();
      Functional.crossEntropy(model.forward(x), labels).backward();
      sgd.step();
    }
    assertThat(model.predict(x).toFloats()).isNotEqualTo(own);
    assertThat(frozen.predict(x).toFloats()).isEqualTo(before);
    model.stateDict().values().forEach(Tensor::close);
    assertThat(frozen.predict(x).toFloats()).isEqualTo(before);
  }

  @Test
  void freezingLeavesNoTrace() {
    var model = new Sequential(new Linear(4, 4), new Dropout(0.5), new BatchNorm1d(4));
    model.get(1).eval();
    var seen = new ArrayList<Layer>();
    model.get(0).onForward((l, y) -> seen.add(l));
    long count = Random.count(), used = Settled.used();
    model.freeze(4).close();
    assertThat(seen).isEmpty();
    assertThat(Random.count()).isEqualTo(count);
    assertThat(Memory.used()).isEqualTo(used);
    assertThat(model.layers().stream().map(Layer::isTraining)).containsExactly(true, true, false, true);
    assertThat(model.get(2).stateDict().get("num_batches_tracked").item()).isZero();
  }

  @Test
  void theResultIsTheCallersAndNothingElseIsLeft() {
    var model = used(resNet(), 3, 32, 32);
    Predictor frozen = model.freeze(3, 32, 32);
    Tensor x = Tensor.randn(2, 3, 32, 32).requiresGrad(true);
    frozen.predict(x).close();
    frozen.predict(x).close(); // now the weights are packed
    long used = Settled.used();
    Tensor y;
    try (var inner = new Scope()) {
      y = frozen.predict(x);
      assertThat(y.requiresGrad()).isFalse();
      assertThat(Memory.used() - used).isBetween(80L, 128L); // 20 floats
    }
    assertThat(y.isClosed()).isTrue();
    assertThat(x.isClosed()).isFalse();
    assertThat(Memory.used()).isEqualTo(used);
  }

  @Test
  void shapesAreThoseThatWereFrozen() {
    Predictor frozen = leNet().freeze(1, 28, 28);
    for (int[] shape : new int[][] {{1, 27, 28}, {2, 3, 28, 28}, {28, 28}, {}, {1, 1, 1, 28, 28}}) {
      assertThatThrownBy(() -> frozen.predict(Tensor.zeros(shape))).isInstanceOf(ShapeException.class)
          .hasMessageContaining("expected (1, 28, 28) or (N, 1, 28, 28)")
          .hasMessageEndingWith("got " + Tensor.zeros(shape).shape());
    }
    assertThatThrownBy(() -> frozen.predict(Tensor.of(1L))).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> frozen.predict(new float[785])).isInstanceOf(ShapeException.class)
        .hasMessageContaining("785 numbers");
    assertThatThrownBy(() -> frozen.predict(new float[0])).isInstanceOf(ShapeException.class);
    float[] both = Tensor.rand(2 * 784).toFloats();
    float[] y = frozen.predict(both);
    assertThat(y).hasSize(20);
    assertThat(frozen.predict(Arrays.copyOfRange(both, 784, 1568))).usingElementComparator(closer(1e-5))
        .containsExactly(Arrays.copyOfRange(y, 10, 20));
    assertThatThrownBy(() -> leNet().freeze(3, 28, 28)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("0 (Conv2d)");
  }

  @Test
  void peakBytesCountsWhatLivesAtOnce() {
    Predictor frozen = new Sequential(new Linear(4, 8), new ELU(), new Flatten(), new Linear(8, 2)).freeze(4);
    assertThat(frozen.peakBytes(1)).isEqualTo(4 * (4 + 8 + 8)); // the input, and both sides of the ELU
    assertThat(frozen.peakBytes(10)).isEqualTo(10 * frozen.peakBytes(1));
    assertThatThrownBy(() -> frozen.peakBytes(0)).isInstanceOf(ShapeException.class);
  }

  @Test
  void eightThreadsShareOnePredictor() throws Exception {
    var model = used(resNet(), 3, 32, 32);
    Predictor frozen = model.freeze(3, 32, 32);
    var inputs = new ArrayList<Tensor>();
    var expected = new ArrayList<float[]>();
    for (int i = 0; i < 8; i++) {
      inputs.add(Tensor.randn(i % 3 + 1, 3, 32, 32));
      expected.add(frozen.predict(inputs.get(i)).toFloats());
    }
    long used = Settled.used();
    var pool = Executors.newFixedThreadPool(8);
    try {
      var calls = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 8; i++) {
        Tensor x = inputs.get(i);
        float[] y = expected.get(i);
        calls.add(() -> {
          for (int k = 0; k < 40; k++) {
            try (var own = new Scope()) {
              if (!Arrays.equals(frozen.predict(x).toFloats(), y)) return false;
            }
          }
          return true;
        });
      }
      for (int round = 0; round < 2; round++) {
        for (Future<Boolean> same : pool.invokeAll(calls)) assertThat(same.get()).isTrue();
        assertThat(Memory.used()).isEqualTo(used);
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void closingFreesTheWeightsWhenTheLastCallHasEnded() throws Exception {
    var model = resNet();
    long before = Settled.used();
    Predictor frozen = model.freeze(3, 32, 32);
    assertThat(Memory.used() - before).isBetween(4 * model.parameterCount(), 8 * model.parameterCount());
    Tensor x = Tensor.randn(3, 32, 32);
    float[] y = frozen.predict(x).toFloats();
    var pool = Executors.newFixedThreadPool(4);
    try {
      var calls = new ArrayList<Future<?>>();
      for (int i = 0; i < 4; i++) {
        calls.add(pool.submit(() -> {
          try {
            while (true) {
              try (var own = new Scope()) {
                assertThat(frozen.predict(x).toFloats()).isEqualTo(y);
              }
            }
          } catch (ClosedTensorException e) {
            assertThat(e).hasMessage("a Predictor of Sequential was closed by close()");
          }
        }));
      }
      Thread.sleep(20);
      frozen.close();
      frozen.close();
      for (Future<?> f : calls) f.get();
    } finally {
      pool.shutdown();
    }
    assertThatThrownBy(() -> frozen.peakBytes(1)).isInstanceOf(ClosedTensorException.class);
    scope.close();
    scope = new Scope();
    assertThat(Memory.used()).isLessThanOrEqualTo(before);
  }

  @Test
  void theCollectorFreesForgottenPredictors() throws Exception {
    var model = new Linear(512, 512); // 1 MB
    long before = Settled.used();
    for (int i = 0; i < 8; i++) model.freeze(512); // some may be freed by now
    for (int i = 0; i < 200 && Memory.used() > before + (1 << 20); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(Memory.used()).isLessThan(before + (1 << 20));
  }
}
