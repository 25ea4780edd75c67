package io.github.einkorn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Memory;
import io.github.einkorn.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GradientsTest {
  private static Tensor parameter(float... gradient) {
    Tensor p = Tensor.zeros(gradient.length).requiresGrad(true);
    p.backward(Tensor.of(gradient));
    return p;
  }

  @Test
  void longGradientsAreShortenedTogether() {
    Tensor a = parameter(3, 0), b = parameter(0, 0, -4), none = Tensor.ones(9).requiresGrad(true);
    List<Tensor> all = List.of(a, none, b);
    assertThat(Gradients.clipGradNorm(all, 10)).isEqualTo(5);
    assertThat(a.grad().toFloats()).containsExactly(3, 0);
    assertThat(Gradients.clipGradNorm(all, 2.5)).isEqualTo(5);
    assertThat(a.grad().toFloats()).containsExactly(new float[] {1.5f, 0}, within(1e-5f));
    assertThat(b.grad().toFloats()).containsExactly(new float[] {0, 0, -2}, within(1e-5f));
    assertThat(Gradients.clipGradNorm(all, 2.5)).isCloseTo(2.5, within(1e-5));
    assertThat(none.grad()).isNull();
  }

  @Test
  void theNormIsExactForMillions() {
    var random = new Random(1);
    float[] g = new float[1_000_003];
    double squares = 0;
    for (int i = 0; i < g.length; i++) {
      g[i] = (float) random.nextGaussian();
      squares += (double) g[i] * g[i];
    }
    assertThat(Gradients.clipGradNorm(List.of(parameter(g)), 1)).isCloseTo(Math.sqrt(squares), within(1e-3));
    assertThat(Gradients.clipGradNorm(List.of(Tensor.ones(2).requiresGrad(true)), 1)).isZero();
  }

  @Test
  void everyElementIsLimited() {
    Tensor p = parameter(-3, -0.5f, 0.25f, 7);
    Gradients.clipGradValue(List.of(p), 0.5);
    assertThat(p.grad().toFloats()).containsExactly(-0.5f, -0.5f, 0.25f, 0.5f);
    long used = Memory.used();
    for (int i = 0; i < 1000; i++) {
      Gradients.clipGradValue(List.of(p), 0.5);
      Gradients.clipGradNorm(List.of(p), 0.5);
    }
    assertThat(Memory.used() - used).isLessThan(64 * 1000);
  }

  @Test
  void infinityAndNaNGoThroughAsInPyTorch() {
    Tensor p = parameter(1, Float.POSITIVE_INFINITY), q = parameter(1, Float.NaN);
    assertThat(Gradients.clipGradNorm(List.of(p), 1)).isInfinite();
    assertThat(p.grad().toFloats()[0]).isZero();
    assertThat(Gradients.clipGradNorm(List.of(q), 1)).isNaN();
    assertThat(q.grad().toFloats()[0]).isNaN();
  }

  @Test
  void limitsMustBePositive() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> Gradients.clipGradNorm(List.of(), bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Gradients.clipGradValue(List.of(), bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
