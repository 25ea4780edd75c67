package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Bilinear2d;
import io.github.einkorn.ops.Bilinear2d.Between;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Other sizes, channels left out, branches joined; the numbers are rows of OpCases too. */
@ExtendWith(InScope.class)
class ImageLayersTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(4);
  }

  private static int[] shape(Layer l, int... in) {
    return l.forward(Tensor.randn(in)).shape().dims();
  }

  @Test
  void shapes() {
    assertThat(shape(new AdaptiveAvgPool2d(7), 2, 3, 13, 9)).containsExactly(2, 3, 7, 7);
    assertThat(shape(new AdaptiveAvgPool2d(1), 3, 13, 9)).containsExactly(3, 1, 1);
    assertThat(shape(new AdaptiveMaxPool2d(2, 20), 2, 3, 13, 9)).containsExactly(2, 3, 2, 20);
    assertThat(shape(new Upsample(2), 2, 3, 5, 7)).containsExactly(2, 3, 10, 14);
    assertThat(shape(new Upsample(1.5, 0.5).bilinear(), 2, 3, 5, 7)).containsExactly(2, 3, 7, 3);
    assertThat(shape(Upsample.to(4, 9).bilinear(true), 2, 3, 5, 7)).containsExactly(2, 3, 4, 9);
    assertThat(shape(new Unflatten(1, 16, 5, 5), 2, 400)).containsExactly(2, 16, 5, 5);
    assertThat(shape(new Unflatten(-1, 2, -1), 2, 3, 8)).containsExactly(2, 3, 2, 4);
    assertThat(shape(new Dropout2d(0.5), 2, 3, 5, 7)).containsExactly(2, 3, 5, 7);
  }

  @Test
  void adaptivePoolingByHand() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 1, 1, 5); // windows 1 2, 2 3 4, 4 5
    assertThat(new AdaptiveAvgPool2d(1, 3).forward(x).toFloats())
        .containsExactly(new float[] {1.5f, 3, 4.5f}, within(1e-6f));
    assertThat(new AdaptiveMaxPool2d(1, 3).forward(x).toFloats()).containsExactly(2, 4, 5);
    float[] nan = {1, Float.NaN, 3, 4, 5};
    assertThat(new AdaptiveAvgPool2d(1, 3).forward(Tensor.of(nan, 1, 1, 1, 5)).toFloats()[2]).isEqualTo(4.5f);
  }

  @Test
  void upsamplingByHand() {
    Tensor x = Tensor.of(new float[] {0, 4}, 1, 1, 1, 2);
    assertThat(new Upsample(1, 2).forward(x).toFloats()).containsExactly(0, 0, 4, 4);
    assertThat(new Upsample(1, 2).bilinear().forward(x).toFloats()).containsExactly(0, 1, 3, 4);
    assertThat(Upsample.to(1, 5).bilinear(true).forward(x).toFloats()).containsExactly(0, 1, 2, 3, 4);
    Tensor five = Tensor.of(new float[] {0, 1, 2, 3, 4}, 1, 1, 1, 5);
    assertThat(Upsample.to(1, 3).forward(five).toFloats()).containsExactly(0, 1, 3); // floor(i 5 / 3)
  }

  @Test
  void dropoutTakesWholeChannels() {
    var drop = new Dropout2d(0.25);
    float[] y = drop.forward(Tensor.ones(100, 50, 2, 3)).toFloats();
    int dropped = 0;
    for (int c = 0; c < 5000; c++) {
      for (int k = 1; k < 6; k++) assertThat(y[6 * c + k]).isEqualTo(y[6 * c]);
      assertThat(y[6 * c]).isIn(0f, 1 / 0.75f);
      if (y[6 * c] == 0) dropped++;
    }
    assertThat(dropped).isBetween(1100, 1400); // 4.9 deviations of 31
    drop.eval();
    Tensor x = Tensor.ones(2, 3, 4, 4);
    assertThat(drop.forward(x)).isSameAs(x);
    drop.train();
    assertThat(new Dropout2d(1).forward(x).toFloats()).containsOnly(0);
    assertThatThrownBy(() -> drop.forward(Tensor.ones(3))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("(N, C");
    assertThatThrownBy(() -> new Dropout2d(-0.1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Dropout2d: p");
  }

  @Test
  void concatJoinsItsBranches() {
    var one = new Conv2d(3, 4, 1);
    var three = new Sequential(new Conv2d(3, 5, Window.same(3)), new ReLU());
    var join = new Concat(1, one, three).add("same", new Identity());
    assertThat(join.stateDict().keySet()).containsExactly("0.weight", "0.bias", "1.0.weight", "1.0.bias");
    Tensor x = Tensor.randn(2, 3, 5, 6).requiresGrad(true);
    Tensor y = join.forward(x);
    assertThat(y.shape().dims()).containsExactly(2, 12, 5, 6);
    assertThat(y.narrow(1, 0, 4).toFloats()).isEqualTo(one.forward(x).toFloats());
    assertThat(y.narrow(1, 4, 5).toFloats()).isEqualTo(three.forward(x).toFloats());
    assertThat(y.narrow(1, 9, 3).toFloats()).isEqualTo(x.toFloats());
    y.sum().backward();
    assertThat(join.parameters()).allMatch(p -> p.grad() != null);
    assertThat(x.grad()).isNotNull();
    assertThat(new Concat(1, new Identity(), new Identity()).forward(Tensor.of(new float[][] {{1, 2}})).toFloats())
        .containsExactly(1, 2, 1, 2);
    assertThat(x.isClosed()).isFalse();
  }

  @Test
  void concatFreesWhatItJoined() {
    var join = new Concat(1, new Tanh(), new ReLU(), new Identity());
    try (var off = new NoGrad()) {
      Tensor x = Tensor.randn(10, 4, 50, 50);
      long before = Memory.used();
      Tensor y = join.forward(x);
      assertThat(Memory.used() - before).isLessThan(4 * y.size() + 4 * x.size() / 2);
      assertThat(x.toFloats()).hasSize(100_000);
    }
  }

  @Test
  void concatRefusesWhatDoesNotFit() {
    var join = new Concat(1, new Identity(), new MaxPool2d(2));
    assertThatThrownBy(() -> join.forward(Tensor.ones(1, 2, 4, 4))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("Concat: cat: shapes (1, 2, 4, 4) and (1, 2, 2, 2) differ");
    assertThatThrownBy(() -> new Concat(1).forward(Tensor.ones(1))).isInstanceOf(IllegalStateException.class);
    var shared = new ReLU();
    assertThatThrownBy(() -> new Concat(1, shared, shared)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void badPlacesAreRefused() {
    Tensor x = Tensor.ones(1, 1, 2, 2);
    double[] t = {0.5};
    var good = new Between(new long[1], new long[1], t);
    for (long bad : new long[] {2, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      var b = new Between(new long[1], new long[] {bad}, t);
      assertThatThrownBy(() -> Bilinear2d.apply(x, b, good)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("bilinear2d: row " + bad + " at place 0 is outside 0..1");
      assertThatThrownBy(() -> Bilinear2d.apply(x, good, new Between(b.high(), b.low(), t)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("bilinear2d: column " + bad + " at place 0 is outside 0..1");
    }
    assertThatThrownBy(() -> new Between(new long[2], new long[1], t)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("got 2, 1 and 1");
    assertThatThrownBy(() -> new Between(new long[1], new long[0], t)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void badSizesAreRefused() {
    assertThatThrownBy(() -> new AdaptiveAvgPool2d(0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("AdaptiveAvgPool2d: height must be at least 1, got 0");
    assertThatThrownBy(() -> new AdaptiveMaxPool2d(1, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Functional.adaptiveAvgPool2d(Tensor.ones(1, 1, 2, 2), 0, 1))
        .isInstanceOf(ShapeException.class);
    for (double f : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new Upsample(f)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("positive and finite");
    }
    assertThatThrownBy(() -> Upsample.to(0, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Upsample(0.1).forward(Tensor.ones(1, 1, 5, 5))).isInstanceOf(ShapeException.class)
        .hasMessage("Upsample: upsample: an extent of 5 by a factor of 0.1 is none");
    Tensor one = Tensor.ones(1, 1, 1, 1);
    for (Layer l : new Layer[] {Upsample.to(1 << 20, 1 << 20), Upsample.to(1 << 20, 1 << 20).bilinear(),
        new AdaptiveAvgPool2d(1 << 20), new AdaptiveMaxPool2d(1 << 20)}) {
      assertThatThrownBy(() -> l.forward(one)).isInstanceOf(ShapeException.class)
          .hasMessageContaining("an image of 1048576x1048576 is too large");
    }
    assertThatThrownBy(() -> new Unflatten(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Unflatten(1, 3, 3).forward(Tensor.ones(2, 8))).isInstanceOf(ShapeException.class);
  }

  @Test
  void printAsPyTorch() {
    assertThat(new AdaptiveAvgPool2d(7)).hasToString("AdaptiveAvgPool2d(output_size=(7, 7))");
    assertThat(new AdaptiveMaxPool2d(3, 2)).hasToString("AdaptiveMaxPool2d(output_size=(3, 2))");
    assertThat(new Upsample(2)).hasToString("Upsample(scale_factor=2.0, mode='nearest')");
    assertThat(new Upsample(2, 3)).hasToString("Upsample(scale_factor=(2.0, 3.0), mode='nearest')");
    assertThat(Upsample.to(8, 9).bilinear()).hasToString("Upsample(size=(8, 9), mode='bilinear')");
    assertThat(new Dropout2d(0.5)).hasToString("Dropout2d(p=0.5, inplace=False)");
    assertThat(new Unflatten(1, 16, 5, 5)).hasToString("Unflatten(dim=1, unflattened_size=(16, 5, 5))");
    assertThat(new Concat(1, new ReLU())).hasToString("""
        Concat(
          dim=1
          (0): ReLU()
        )""");
  }

  @Test
  void allOfThemFreeze() {
    var model = new Sequential(new Unflatten(1, 3, 12, 12), new Upsample(2).bilinear(), new Dropout2d(0.5),
        new Concat(1, new Conv2d(3, 4, Window.same(3)), new Sequential(new Conv2d(3, 2, 1), new ReLU())),
        new AdaptiveMaxPool2d(9), new ConvTranspose2d(6, 4, Window.of(2).stride(2)), new Upsample(0.7),
        new AdaptiveAvgPool2d(5, 4), new Flatten(), new Unflatten(1, 4, 20), new Conv1d(4, 3, Window.same(3)),
        new ReLU(), new MaxPool1d(2), new AvgPool1d(2));
    Tensor x = Tensor.randn(4, 432);
    try (Predictor frozen = model.freeze(432)) {
      assertThat(frozen.predict(x).toFloats()).hasSize(60)
          .containsExactly(model.predict(x).toFloats(), within(1e-6f));
    }
  }
}
