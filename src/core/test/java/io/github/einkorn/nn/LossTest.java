package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Memory;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final Tensor LOGITS = Tensor.of(new float[][] {{1, 2, 3}, {0, 0, 0}});
  private static final Tensor LABELS = Tensor.of(0L, 2L);
  // -ln softmax: ln(e⁰ + e¹ + e²) = 2.407606 for the first row, ln 3 for the second
  private static final float A = 2.4076059f, B = 1.0986123f;

  @Test
  void crossEntropyReduces() {
    assertThat(new CrossEntropyLoss().forward(LOGITS, LABELS).item()).isCloseTo((A + B) / 2, within(1e-6f));
    assertThat(new CrossEntropyLoss().reduction(Reduction.SUM).forward(LOGITS, LABELS).item())
        .isCloseTo(A + B, within(1e-6f));
    assertThat(new CrossEntropyLoss().reduction(Reduction.NONE).forward(LOGITS, LABELS).toFloats())
        .containsExactly(new float[] {A, B}, within(1e-6f));
  }

  @Test
  void nllOfLogSoftmaxIsCrossEntropy() {
    Tensor logp = new LogSoftmax(1).forward(LOGITS);
    assertThat(new NLLLoss().forward(logp, LABELS).item()).isCloseTo((A + B) / 2, within(1e-6f));
  }

  @Test
  void binaryCrossEntropyClampsLogarithms() {
    Loss bce = new BCELoss();
    assertThat(bce.forward(Tensor.of(0.5f, 0.25f), Tensor.of(1f, 0f)).item())
        .isCloseTo((float) (-(Math.log(0.5) + Math.log(0.75)) / 2), within(1e-6f));
    assertThat(bce.forward(Tensor.of(0f), Tensor.of(1f)).item()).isEqualTo(100);
    assertThat(bce.forward(Tensor.of(1f), Tensor.of(1f)).item()).isEqualTo(0);
  }

  @Test
  void binaryCrossEntropyRefusesWhatIsNoProbability() {
    for (float bad : new float[] {-0.1f, 1.5f, Float.NaN}) {
      assertThatThrownBy(() -> new BCELoss().forward(Tensor.of(0.5f, bad), Tensor.of(1f, 0f)))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("BCELoss: predictions must lie in [0, 1]");
      assertThatThrownBy(() -> Functional.bceLoss(Tensor.of(0.5f, bad), Tensor.of(1f, 0f)))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("bceLoss: predictions must lie in [0, 1]");
    }
  }

  @Test
  void binaryCrossEntropyConvertsNoFormat() {
    Tensor x = Tensor.full(0.25f, 2, 3, 4, 5).channelsLast(), t = x.copy();
    long before = Memory.conversions();
    float expected = (float) (-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75));
    assertThat(new BCELoss().forward(x, t).item()).isCloseTo(expected, within(1e-6f));
    assertThat(Memory.conversions()).isEqualTo(before);
  }

  @Test
  void meanSquaredError() {
    Tensor x = Tensor.of(1f, 4f), t = Tensor.of(0f, 2f);
    assertThat(new MSELoss().forward(x, t).item()).isEqualTo(2.5f);
    assertThat(new MSELoss().reduction(Reduction.NONE).forward(x, t).toFloats()).containsExactly(1, 4);
    assertThat(new MSELoss().reduction(Reduction.SUM)).hasToString("MSELoss(reduction=sum)");
  }

  @Test
  void errorsNameTheLoss() {
    assertThatThrownBy(() -> new MSELoss().forward(Tensor.ones(2), Tensor.ones(3))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("MSELoss: ");
    assertThatThrownBy(() -> new CrossEntropyLoss().forward(LOGITS, Tensor.ones(2))).isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("CrossEntropyLoss: ");
    assertThatThrownBy(() -> new CrossEntropyLoss().forward(LOGITS, Tensor.of(0L, 3L)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("3");
    assertThatThrownBy(() -> new NLLLoss().reduction(null)).isInstanceOf(NullPointerException.class);
  }
}
