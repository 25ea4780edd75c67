package io.github.einkorn.nn;

import static io.github.einkorn.nn.Window.same;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Memory;
import io.github.einkorn.Random;
import io.github.einkorn.Scope;
import io.github.einkorn.Settled;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.optim.SGD;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
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

  /** Gives batch normalization statistics and parameters other than 0 and 1. */
  private static <L extends Layer> L used(L model, int... sample) {
    for (Layer l : model.layers()) {
      if (l instanceof BatchNorm<?> bn) {
        bn.weight().copyInPlace(Tensor.rand(bn.weight().dim(0)).add(0.5));
        bn.bias().copyInPlace(Tensor.randn(bn.bias().dim(0)));
      }
    }
    for (int i = 0; i < 3; i++) model.forward(Tensor.randn(batch(8, sample)).mul(2).add(1));
    return model;
  }

  private static int[] batch(int n, int... sample) {
    int[] all = new int[sample.length + 1];
    all[0] = n;
    System.arraycopy(sample, 0, all, 1, sample.length);
    return all;
  }

  private static Layer layer(UnaryOperator<Tensor> f) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor x) {
        return f.apply(x);
      }
    };
  }

  private static void assertSame(Layer model, Predictor frozen, double tolerance, int... sample) {
    for (int n : new int[] {1, 2, 7}) {
      Tensor x = Tensor.randn(batch(n, sample));
      Tensor expected = model.predict(x), y = frozen.predict(x);
      assertThat(y.shape()).isEqualTo(expected.shape());
      if (tolerance == 0) assertThat(y.toFloats()).isEqualTo(expected.toFloats());
      else assertThat(y.toFloats()).usingElementComparator(closer(tolerance)).containsExactly(expected.toFloats());
    }
    Tensor one = Tensor.randn(sample);
    assertThat(frozen.predict(one).shape()).isEqualTo(model.predict(one).shape());
  }

  private static Comparator<Float> closer(double tolerance) {
    return (a, b) -> Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)) ? 0 : Float.compare(a, b);
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
  void activationGoesWithWhatIsBeforeIt() {
    assertSteps(used(new Sequential(new BatchNorm2d(3), new ReLU()), 3, 8, 8), 0, "BatchNormRelu");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new ReLU()), 0, "Conv2dRelu");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new ReLU(), new BatchNorm2d(4)), 3, 8, 8), 0, "Conv2dRelu",
        "BatchNorm");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new ReLU()), 3, 8, 8), 1e-5, "Conv2dRelu");
    assertSteps(used(new Sequential(new Flatten(), new Linear(192, 9), new BatchNorm1d(9), new ReLU()), 3, 8, 8), 1e-5,
        "Reshape", "LinearRelu");
    assertSteps(new Sequential(new Flatten(), new Linear(192, 9), new ReLU6()), 0, "Reshape", "LinearRelu6");
    assertSteps(new Sequential(new Flatten(), new Linear(192, 9), new Sigmoid()), 0, "Reshape", "LinearSigmoid");
    assertSteps(used(new Sequential(new Flatten(), new Linear(192, 9), new Tanh(), new BatchNorm1d(9)), 3, 8, 8), 0,
        "Reshape", "LinearTanh", "BatchNorm");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new Tanh()), 0, "Conv2d", "Tanh");
    assertSteps(used(new Sequential(new BatchNorm2d(3), new ReLU6()), 3, 8, 8), 0, "BatchNormRelu6");
    assertSteps(used(new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new ReLU6()), 3, 8, 8), 1e-5,
        "Conv2dRelu6");
    assertSteps(new Sequential(new Conv2d(3, 4, 3), new ReLU6(), new ReLU()), 0, "Conv2dRelu6", "Relu");
    assertSteps(new Sequential(new MaxPool2d(2), new ReLU6()), 0, "MaxPool2d", "Relu6");
    assertSteps(layer(x -> Functional.relu6(x.add(x))), 0, "Add", "Relu6");
    assertSteps(layer(x -> x.add(x).relu()), 0, "AddRelu");
    assertSteps(layer(x -> x.add(x.mean(true, 2, 3)).relu()), 0, "Sum", "Add", "Relu");
    assertSteps(layer(x -> {
      Tensor h = x.add(x);
      return h.relu().mul(h);
    }), 0, "Add", "Relu", "Mul");
  }

  @Test
  void poolingGoesWithTheConvolutionBeforeIt() {
    var small = new Sequential(new Conv2d(1, 6, same(5)), new Tanh(), new AvgPool2d(2), new Flatten(),
        new Linear(6 * 8 * 8, 5));
    var large = new Sequential(new Conv2d(3, 20, same(3)), new ReLU(), new MaxPool2d(2)); // more than 256 KB an image
    boolean atOnce = !Einkorn.isa().equals("scalar");
    try (Predictor one = small.freeze(1, 16, 16); Predictor other = large.freeze(3, 64, 64); var scope = new Scope()) {
      assertThat(one.explain().contains("ConvPool2d")).isEqualTo(atOnce);
      assertThat(other.explain()).contains("MaxPool2dRelu").doesNotContain("ConvPool2d");
      for (int n : new int[] {1, 3, 5}) {
        assertClose(one.predict(Tensor.ones(n, 1, 16, 16)), apart(small, Tensor.ones(n, 1, 16, 16)));
        Tensor x = Tensor.rand(n, 3, 64, 64);
        assertClose(other.predict(x), apart(large, x));
        assertClose(large.predict(x), apart(large, x)); // at once from 4 images on
      }
    }
  }

  private static Tensor apart(Sequential net, Tensor x) {
    Tensor y = x;
    for (Layer l : net.children().values()) y = l.predict(y);
    return y;
  }

  private static void assertClose(Tensor y, Tensor expected) {
    assertThat(y.shape()).isEqualTo(expected.shape());
    assertThat(y.sub(expected).abs().max().item()).isLessThan(1e-5f);
  }

  private static void assertSteps(Layer model, double tolerance, String... names) {
    Predictor frozen = model.freeze(3, 8, 8);
    assertSame(model, frozen, tolerance, 3, 8, 8);
    assertThat(frozen.explain().lines().skip(1).map(s -> s.strip().split(" +")[1])).containsExactly(names);
  }

  @Test
  void whatOthersReadIsNotFolded() {
    var conv = new Conv2d(3, 4, 3);
    var bn = used(new BatchNorm2d(4), 4, 6, 6);
    var twice = new Sequential(layer(x -> {
      Tensor h = conv.forward(x);
      return bn.forward(h).add(h);
    }));
    bn.eval();
    Predictor frozen = twice.freeze(3, 8, 8);
    assertThat(frozen.steps()).isEqualTo(3);
    assertSame(twice, frozen, 0, 3, 8, 8);
  }

  @Test
  void statisticsOfTheBatchAreNotFolded() {
    var model = new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4).trackRunningStats(false));
    Predictor frozen = model.freeze(3, 8, 8);
    assertThat(frozen.steps()).isEqualTo(2);
    assertSame(model, frozen, 0, 3, 8, 8);
  }

  @Test
  void aSharedLayerIsHeldOnce() {
    var shared = new Linear(6, 6);
    Layer model = layer(x -> shared.forward(shared.forward(x).relu()));
    Predictor frozen = model.freeze(6);
    assertSame(model, frozen, 0, 6);
    assertThat(frozen.toString()).contains("2 steps, 42 weights");
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
