package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Winograd;
import io.github.einkorn.Winograds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTest {
  /** Holds on to what passes through. */
  private static final class Tap extends Layer {
    Tensor seen;

    @Override
    public Tensor forward(Tensor x) {
      seen = x;
      return x;
    }
  }

  @Test
  void runsInOrderAndIsNamedByIndex() {
    var net = new Sequential(new LeakyReLU(0.5), new ReLU()).add("last", new Identity()).add(new Tanh());
    assertThat(net.children().keySet()).containsExactly("0", "1", "last", "3");
    assertThat(net.size()).isEqualTo(4);
    assertThat(net.get(1)).isInstanceOf(ReLU.class);
    assertThat(net.get(-1)).isInstanceOf(Tanh.class);
    assertThatThrownBy(() -> net.get(4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(new Sequential(new ReLU(), new LeakyReLU(0.5)).forward(Tensor.of(-2f)).item()).isEqualTo(0);
    Tensor x = Tensor.of(1f);
    assertThat(new Sequential().forward(x)).isSameAs(x);
  }

  @Test
  void printsIndicesInParentheses() {
    assertThat(new Sequential(new Conv2d(1, 32, Window.of(3).pad(1)), new Sequential().add("act", new ReLU()),
        new MaxPool2d(2))).hasToString("""
            Sequential(
              (0): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
              (1): Sequential(
                (act): ReLU()
              )
              (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
            )""");
  }

  @Test
  void freesActivationsWhereNoGradientIsNeeded() {
    var net = new Sequential(new ReLU(), new Identity(), new Sequential(new Tanh(), new Dropout(0.5)), new Flatten(),
        new Sigmoid());
    net.eval();
    try (var s = new Scope(); var off = new NoGrad()) {
      Tensor x = Tensor.randn(1000, 4, 5, 5);
      float[] values = x.toFloats();
      long before = Memory.used();
      Tensor y = net.forward(x);
      assertThat(Memory.used() - before).as("one activation left").isLessThan(2 * 4 * x.size());
      assertThat(x.toFloats()).isEqualTo(values);
      float[] expected = x.relu().tanh().sigmoid().toFloats();
      assertThat(y.toFloats()).isEqualTo(expected);
    }
  }

  @Test
  void neverFreesTheInputOrViewsOfIt() {
    var net = new Sequential(new Identity(), new Flatten(), new Flatten(), new Dropout(0.1), new ReLU());
    net.eval();
    try (var s = new Scope()) {
      Tensor x = Tensor.randn(2, 3);
      net.forward(x);
      assertThat(x.isClosed()).isFalse();
      Tensor image = Tensor.randn(2, 1, 2, 2);
      Tensor flat = new Sequential(new Flatten(), new Identity()).forward(image);
      assertThat(flat.toFloats()).isEqualTo(image.toFloats());
      net.forward(image);
      assertThat(image.toFloats()).hasSize(8);
    }
  }

  @Test
  void keepsWhatOthersMayHold() {
    var tap = new Tap();
    var net = new Sequential(new ReLU(), tap, new Tanh(), new Sigmoid());
    var hooked = new ArrayList<Tensor>();
    net.get(2).onForward((l, y) -> hooked.add(y));
    try (var s = new Scope()) {
      net.forward(Tensor.of(1f, 2f));
      assertThat(tap.seen.toFloats()).containsExactly(1, 2);
      assertThat(hooked.get(0).isClosed()).isFalse();
    }
    assertThatThrownBy(() -> hooked.get(0).toFloats()).isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("closed by a Scope");
  }

  @Test
  void keepsActivationsThatTheGradientNeeds() {
    var net = new Sequential(new Flatten(), new Linear(4, 3), new Tanh(), new Linear(3, 1));
    try (var s = new Scope()) {
      net.forward(Tensor.randn(5, 1, 2, 2)).square().mean().backward();
      assertThat(net.parameters()).allMatch(p -> p.grad() != null);
      net.eval(); // evaluation alone does not mean that no gradient will be asked for
      net.forward(Tensor.randn(5, 1, 2, 2)).square().mean().backward();
    }
  }

  @Test
  void reluBehindItsPoolingIsTheSame() {
    var net = new Sequential(new ReLU(), new MaxPool2d(Window.of(3).stride(2).pad(1)));
    var seen = new ArrayList<String>();
    try (var s = new Scope()) {
      Tensor x = Tensor.randn(2, 5, 9, 8).sub(0.8).keep();
      Tensor weights = Tensor.randn(2, 5, 5, 4);
      float[][] swapped = outputAndGradient(net, x, weights);
      for (Layer l : new Layer[] {net.get(0), net.get(1)}) l.onForward((layer, y) -> seen.add(layer.path()));
      float[][] inOrder = outputAndGradient(net, x, weights);
      assertThat(seen).containsExactly("0", "1");
      assertThat(swapped).isDeepEqualTo(inOrder);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rectifierInsideTheLayerBeforeItIsTheSame(boolean six) {
    for (Layer before : new Layer[] {new Conv2d(3, 20, Window.same(3)), new Conv2d(3, 20, 3).bias(false),
        new Conv2d(3, 6, 3).groups(3), new BatchNorm2d(3), new BatchNorm2d(3).affine(false),
        new BatchNorm2d(3).trackRunningStats(false)}) {
      var net = new Sequential(before, six ? new ReLU6() : new ReLU());
      var inOrder = new ArrayList<Tensor>();
      try (var s = new Scope(); var off = new NoGrad()) {
        for (Tensor p : net.parameters()) p.mulInPlace(8); // so that some exceed 6
      }
      try (var s = new Scope()) {
        Tensor x = Tensor.randn(2, 3, 9, 8).keep();
        Tensor weights = Tensor.randn(net.predict(x).shape().dims());
        for (boolean training : new boolean[] {true, false}) {
          net.train(training);
          float[][] fused = outputAndGradients(net, x, weights);
          Runnable unhook = net.get(1).onForward((layer, y) -> inOrder.add(y));
          float[][] apart = outputAndGradients(net, x, weights);
          unhook.run();
          assertThat(fused).as(net.toString()).isDeepEqualTo(apart);
        }
        assertThat(inOrder).hasSize(2);
      }
    }
  }

  @Test
  void activationInsideTheLinearLayerBeforeItIsTheSame() {
    for (Layer behind : new Layer[] {new ReLU(), new ReLU6(), new Tanh(), new Sigmoid()}) {
      var net = new Sequential(new Linear(7, 33), behind, new Linear(33, 5).bias(false), new ELU());
      try (var s = new Scope()) {
        Tensor x = Tensor.randn(4, 7).mul(6), weights = Tensor.randn(4, 5);
        float[][] fused = outputAndGradients(net, x, weights);
        Runnable unhook = behind.onForward((layer, y) -> {});
        assertThat(fused).as(net.toString()).isDeepEqualTo(outputAndGradients(net, x, weights));
        unhook.run();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Winograd.class)
  void poolingInsideTheConvolutionIsTheSame(Winograd way) {
    Winograds.under(way, () -> assertPooledTheSame(way == Winograd.F4 ? 1e-5f : 0)); // its tiles may begin elsewhere
  }

  private static void assertPooledTheSame(float rounding) {
    var pool = Window.of(3).stride(2).pad(1);
    for (Sequential net : List.of(
        new Sequential(new Conv2d(1, 20, 5), new ReLU(), new MaxPool2d(2)),
        new Sequential(new Conv2d(1, 6, Window.same(5)).bias(false), new MaxPool2d(pool), new ReLU(), new Tanh()),
        new Sequential(new Conv2d(1, 9, 3), new MaxPool2d(2), new Conv2d(9, 4, 3), new ReLU(), new MaxPool2d(2)),
        new Sequential(new Conv2d(1, 30, 4), new MaxPool2d(2), new ReLU(), new Flatten(), new Linear(30 * 9 * 8, 5)),
        new Sequential(new Conv2d(1, 4, 3), new MaxPool2d(pool), new Flatten(), new Linear(4 * 10 * 9, 5)),
        new Sequential(new Conv2d(1, 6, Window.same(5)), new Tanh(), new AvgPool2d(2), new Conv2d(6, 4, 3), new Tanh()),
        new Sequential(new Conv2d(1, 6, 2), new Sigmoid(), new AvgPool2d(2), new Flatten(), new Linear(6 * 90, 5)),
        new Sequential(new Conv2d(1, 6, 3), new ReLU(), new AvgPool2d(2)),
        new Sequential(new Conv2d(1, 6, 3), new AvgPool2d(2), new ReLU()),
        new Sequential(new Conv2d(1, 6, 3), new Tanh(), new MaxPool2d(2)),
        new Sequential(new Conv2d(1, 6, 3), new Tanh(), new AvgPool2d(pool)))) {
      try (var s = new Scope()) {
        Tensor x = Tensor.randn(3, 1, 21, 20);
        Tensor weights = Tensor.randn(net.predict(x).shape().dims());
        float[][] atOnce = new float[2][], inferred = new float[2][];
        var gradients = new ArrayList<List<float[]>>();
        for (int i = 0; i < 2; i++) {
          net.parameters().forEach(Tensor::zeroGrad);
          Tensor y = net.forward(x);
          y.backward(weights);
          atOnce[i] = y.toFloats();
          inferred[i] = net.predict(x).toFloats();
          gradients.add(net.parameters().stream().map(p -> p.grad().toFloats()).toList());
          net.get(0).onForward((layer, z) -> {});
        }
        assertThat(atOnce[0]).as(net.toString()).containsExactly(atOnce[1], within(rounding));
        assertThat(inferred[0]).as(net.toString()).containsExactly(inferred[1], within(rounding));
        for (int p = 0; p < gradients.get(0).size(); p++) {
          assertThat(gradients.get(0).get(p)).as(net + " " + p).containsExactly(gradients.get(1).get(p), within(2e-3f));
        }
      }
    }
  }

  @Test
  void poolingThatDoesNotFitIsNamedAsWithoutTheConvolution() {
    var net = new Sequential(new Conv2d(1, 4, 3), new MaxPool2d(9));
    assertThatThrownBy(() -> net.forward(Tensor.randn(1, 1, 8, 8))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("1 (MaxPool2d)");
  }

  private static float[][] outputAndGradients(Layer net, Tensor x, Tensor weights) {
    net.parameters().forEach(Tensor::zeroGrad);
    var all = new ArrayList<>(List.of(outputAndGradient(net, x, weights)));
    net.parameters().forEach(p -> all.add(p.grad().toFloats()));
    return all.toArray(float[][]::new);
  }

  private static float[][] outputAndGradient(Layer net, Tensor x, Tensor weights) {
    Tensor leaf = x.copy().requiresGrad(true);
    Tensor y = net.forward(leaf);
    y.backward(weights);
    return new float[][] {y.toFloats(), leaf.grad().toFloats()};
  }
}
