package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InitTest {
  private static final int OUT = 60, IN = 40, KERNEL = 9;

  @BeforeEach
  void seed() {
    Einkorn.seed(9);
  }

  private static Tensor weight() {
    return Tensor.zeros(OUT, IN, 3, 3);
  }

  /** n = 21,600: the sample deviation is within 5 standard errors, which are at most σ / √(2n). */
  private static void assertDeviation(Tensor t, double deviation) {
    float[] v = t.toFloats();
    double sum = 0, squares = 0;
    for (float x : v) {
      sum += x;
      squares += x * x;
    }
    assertThat(sum / v.length).isCloseTo(0, within(5 * deviation / Math.sqrt(v.length)));
    assertThat(Math.sqrt(squares / v.length)).isCloseTo(deviation, within(5 * deviation / Math.sqrt(2.0 * v.length)));
  }

  private static void assertBound(Tensor t, double bound) {
    assertThat(t.abs().max().item()).isBetween((float) (bound * 0.99), (float) (bound * 1.000001));
    assertDeviation(t, bound / Math.sqrt(3));
  }

  @Test
  void fansAreTimesTheKernel() {
    double fanIn = IN * KERNEL, fanOut = OUT * KERNEL;
    assertBound(Init.xavierUniform(weight()), Math.sqrt(6 / (fanIn + fanOut)));
    assertBound(Init.xavierUniform(weight(), 2), 2 * Math.sqrt(6 / (fanIn + fanOut)));
    assertDeviation(Init.xavierNormal(weight()), Math.sqrt(2 / (fanIn + fanOut)));
    assertDeviation(Init.xavierNormal(weight(), Init.gain("tanh")), 5.0 / 3 * Math.sqrt(2 / (fanIn + fanOut)));
    assertBound(Init.heUniform(weight()), Math.sqrt(6 / fanIn));
    assertBound(Init.kaimingUniform(weight()), Math.sqrt(6 / fanIn));
    assertDeviation(Init.heNormal(weight()), Math.sqrt(2 / fanIn));
    assertDeviation(Init.kaimingNormal(weight()), Math.sqrt(2 / fanIn));
  }

  @Test
  void plainDistributionsAndConstants() {
    assertDeviation(Init.normal(weight(), 0, 0.5), 0.5);
    Tensor u = Init.uniform(weight(), 2, 3);
    assertThat(u.min().item()).isBetween(2f, 2.01f);
    assertThat(u.max().item()).isBetween(2.99f, 3f);
    assertThat(Init.constant(weight(), 0.25).toFloats()).containsOnly(0.25f);
    assertThat(Init.ones(weight()).toFloats()).containsOnly(1);
    assertThat(Init.zeros(Tensor.ones(3)).toFloats()).containsOnly(0);
  }

  @Test
  void fillsParametersInPlaceFromTheSeed() {
    var linear = new Linear(4, 3);
    Einkorn.seed(1);
    assertThat(Init.xavierUniform(linear.weight())).isSameAs(linear.weight());
    float[] first = linear.weight().toFloats();
    assertThat(linear.weight().requiresGrad()).isTrue();
    Init.xavierUniform(linear.weight());
    assertThat(linear.weight().toFloats()).isNotEqualTo(first);
    Einkorn.seed(1);
    assertThat(Init.xavierUniform(linear.weight()).toFloats()).isEqualTo(first);
  }

  @Test
  void gains() {
    assertThat(Init.gain("relu")).isEqualTo(Math.sqrt(2));
    assertThat(Init.gain("tanh")).isEqualTo(5.0 / 3);
    assertThat(Init.gain("sigmoid")).isEqualTo(1);
    assertThat(Init.gain("leaky_relu")).isCloseTo(1.4141428569978354, within(1e-15)); // √(2 / 1.0001)
    assertThatThrownBy(() -> Init.gain("swish")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("swish");
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> Init.heNormal(Tensor.zeros(5))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("at least 2 dimensions, got shape (5)");
    assertThatThrownBy(() -> Init.xavierUniform(Tensor.zeros(5))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Init.normal(weight(), 0, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Init.normal(weight(), Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Init.uniform(weight(), 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Init.xavierNormal(weight(), Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Init.uniform(Tensor.of(1L), 0, 1)).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> Init.zeros(Tensor.of(1L))).isInstanceOf(DTypeException.class);
  }
}
