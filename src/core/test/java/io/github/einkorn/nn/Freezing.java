package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Tensor;
import java.util.Comparator;
import java.util.function.UnaryOperator;

/** What tests of frozen models share. */
final class Freezing {
  private Freezing() {}

  /** Gives batch normalization statistics and parameters other than 0 and 1. */
  static <L extends Layer> L used(L model, int... sample) {
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

  static Layer layer(UnaryOperator<Tensor> f) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor x) {
        return f.apply(x);
      }
    };
  }

  static void assertSame(Layer model, Predictor frozen, double tolerance, int... sample) {
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

  static Comparator<Float> closer(double tolerance) {
    return (a, b) -> Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)) ? 0 : Float.compare(a, b);
  }
}
