package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.InScope;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class ActivationsTest {
  /** Tables of the normal distribution: Φ(1) = 0.8413447, Φ(-2) = 0.0227501. */
  @Test
  void knownValues() {
    Tensor x = Tensor.of(1f, -2, 0);
    assertThat(new GELU().forward(x).toFloats())
        .containsExactly(new float[] {0.8413447f, -0.0455003f, 0}, within(1e-6f));
    float[] tanh = {0.841192f, -0.0454023f, 0}; // of PyTorch's documentation of approximate='tanh'
    assertThat(new GELU().approximate(true).forward(x).toFloats()).containsExactly(tanh, within(1e-6f));
    assertThat(new SiLU().forward(x).toFloats())
        .containsExactly(new float[] {0.7310586f, -0.2384058f, 0}, within(1e-6f));
    assertThat(new ELU().forward(x).toFloats()).containsExactly(new float[] {1, -0.8646647f, 0}, within(1e-6f));
    assertThat(new ELU(0.5).forward(x).toFloats()).containsExactly(new float[] {1, -0.4323324f, 0}, within(1e-6f));
    assertThat(new Step().forward(x).toFloats()).containsExactly(1, 0, 0);
  }

  /** AND is 1 where x₁ + x₂ > 1.5: what a perceptron computes. */
  @Test
  void stepMakesAPerceptronWhoseGradientIsZero() {
    Tensor x = Tensor.of(new float[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}}), w = Tensor.ones(2, 1).requiresGrad(true);
    Tensor y = x.matmul(w).sub(1.5).step();
    assertThat(y.toFloats()).containsExactly(0, 0, 0, 1);
    y.sum().backward();
    assertThat(w.grad().toFloats()).containsExactly(0, 0);
    assertThat(Tensor.of(Float.NaN, -0f, Float.MIN_VALUE).step().toFloats()).containsExactly(0, 0, 1);
  }

  @Test
  void smallNegativeNumbersKeepTheirDigits() {
    assertThat(Tensor.of(-1e-6f).elu(1).item()).isCloseTo((float) Math.expm1(-1e-6f), within(1e-13f));
  }

  @Test
  void printAsPyTorchAndRefuseWhatIsNotFinite() {
    assertThat(new ELU()).hasToString("ELU(alpha=1.0)");
    assertThat(new GELU()).hasToString("GELU(approximate='none')");
    assertThat(new GELU().approximate(true)).hasToString("GELU(approximate='tanh')");
    assertThat(new SiLU()).hasToString("SiLU()");
    assertThat(new Step()).hasToString("Step()");
    assertThatThrownBy(() -> new ELU(Double.POSITIVE_INFINITY)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ELU: alpha must be a finite number, got Infinity");
    assertThatThrownBy(() -> Tensor.ones(1).elu(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }
}
