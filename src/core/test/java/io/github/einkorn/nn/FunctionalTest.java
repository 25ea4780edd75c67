package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class FunctionalTest {
  @Test
  void errorsNameTheShapes() {
    assertThatThrownBy(() -> Functional.linear(Tensor.zeros(1, 10), Tensor.zeros(10, 3136), null))
        .isInstanceOf(ShapeException.class).hasMessage("mat1 and mat2 shapes cannot be multiplied (1x10 and 3136x10)");
    assertThatThrownBy(() -> Functional.linear(Tensor.zeros(2, 5, 10), Tensor.zeros(7, 9), null))
        .hasMessage("mat1 and mat2 shapes cannot be multiplied (10x10 and 9x7)");
    assertThatThrownBy(() ->
        Functional.conv2d(Tensor.zeros(100, 1, 28, 28), Tensor.zeros(8, 3, 3, 3), null, Window.of(3)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("conv2d: expected 3 input channels, got 1 in shape (100, 1, 28, 28)");
    assertThatThrownBy(() -> Functional.conv2d(Tensor.zeros(1, 3, 2, 9), Tensor.zeros(8, 3, 3, 3), null, Window.of(3)))
        .hasMessage("conv2d: a window of height 3 does not fit an input of height 2, in shape (1, 3, 2, 9)");
    assertThatThrownBy(() ->
        Functional.conv2d(Tensor.zeros(1, 4, 9, 9), Tensor.zeros(8, 3, 3, 3), null, Window.of(3), 0))
        .isInstanceOf(ShapeException.class).hasMessageContaining("0 groups");
    assertThatThrownBy(() -> Functional.maxPool2d(Tensor.zeros(1, 1, 9, 9), Window.of(2).pad(2)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("a padding of 2 hides a window of 2");
    assertThatThrownBy(() -> Functional.globalAvgPool2d(Tensor.zeros(9, 9))).isInstanceOf(ShapeException.class);
  }

  @Test
  void labelsOutOfRangeAreNamed() {
    Tensor x = Tensor.zeros(4, 10);
    for (long bad : new long[] {10, -1, Long.MAX_VALUE}) {
      Tensor labels = Tensor.of(0, 1, 9, bad);
      assertThatThrownBy(() -> Functional.crossEntropy(x, labels)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("label " + bad).hasMessageContaining("row 3").hasMessageContaining("0..9");
      assertThatThrownBy(() -> Functional.nllLoss(x, labels)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("label " + bad);
    }
    assertThatThrownBy(() -> Functional.crossEntropy(x, Tensor.zeros(4))).isInstanceOf(DTypeException.class)
        .hasMessageContaining("labels").hasMessageContaining(".to(DType.INT64)");
    assertThat(Functional.crossEntropy(x, Tensor.of(1, 2, 3, 4)).item())
        .isEqualTo((float) Math.log(10), Offset.offset(1e-6f));
  }

  @Test
  void extremeLogitsStayFinite() {
    Tensor x = Tensor.of(new float[] {1e4f, 0, -1e4f}, 1, 3).requiresGrad(true);
    Functional.crossEntropy(x, Tensor.of(2L)).backward();
    assertThat(x.grad().toFloats()).containsExactly(1, 0, -1);
    Tensor p = Tensor.of(0f, 1, 1, 0).requiresGrad(true);
    Tensor loss = Functional.bceLoss(p, Tensor.of(0f, 1, 0, 1));
    assertThat(loss.item()).isEqualTo(50); // (0 + 0 + 100 + 100) / 4, as PyTorch clamps logarithms at -100
    loss.backward();
    for (float g : p.grad().toFloats()) assertThat(g).isFinite();
    assertThatThrownBy(() -> Functional.bceLoss(p, p)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target");
  }

  @Test
  void runningStatisticsMoveAsInPyTorch() {
    Tensor x = Tensor.of(new float[] {1, 10, 3, 30, 8, 20}, 3, 2), mean = Tensor.zeros(2), var = Tensor.ones(2);
    Functional.batchNorm(x, mean, var, null, null, true, 0.1, 1e-5);
    assertThat(mean.toFloats()).containsExactly(new float[] {0.4f, 2}, Offset.offset(1e-6f));
    // unbiased 13, 100
    assertThat(var.toFloats()).containsExactly(new float[] {0.9f + 1.3f, 0.9f + 10}, Offset.offset(1e-5f));
    long stamp = mean.stamp();
    Functional.batchNorm(x, mean, var, null, null, false, 0.1, 1e-5);
    assertThat(mean.stamp()).isEqualTo(stamp);
    Functional.batchNorm(x, mean, var, null, null, true, 1, 1e-5);
    assertThat(mean.toFloats()).containsExactly(new float[] {4, 20}, Offset.offset(1e-5f));
    assertThatThrownBy(() -> Functional.batchNorm(x.narrow(0, 0, 1), mean, var, null, null, true, 0.1, 1e-5))
        .isInstanceOf(ShapeException.class).hasMessageContaining("more than 1 value per channel");
    assertThatThrownBy(() -> Functional.batchNorm(x, mean, null, null, null, true, 0.1, 1e-5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Functional.batchNorm(x, mean, var, null, null, true, Double.NaN, 1e-5))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("momentum");
    assertThatThrownBy(() -> Functional.batchNorm(x, mean, var, null, null, true, 0.1, -1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("eps");
    assertThat(mean.toFloats()).containsExactly(new float[] {4, 20}, Offset.offset(1e-5f));
  }

  @Test
  void dropoutKeepsTheMeanAndDrawsAnewEachTime() {
    Einkorn.seed(4);
    Tensor x = Tensor.ones(100_000);
    Tensor a = Functional.dropout(x, 0.3, true), b = Functional.dropout(x, 0.3, true);
    assertThat(a.eq(0).mean().item()).isBetween(0.29f, 0.31f);
    assertThat(a.max().item()).isEqualTo(1 / 0.7f, Offset.offset(1e-6f));
    assertThat(a.mean().item()).isBetween(0.98f, 1.02f);
    assertThat(a.eq(b).mean().item()).isBetween(0.5f, 0.66f); // 0.49 + 0.09
    Einkorn.seed(4);
    assertThat(Functional.dropout(x, 0.3, true).toFloats()).isEqualTo(a.toFloats());
    assertThat(Functional.dropout(x, 0.3, false)).isSameAs(x);
    assertThat(Functional.dropout(x, 0, true)).isSameAs(x);
    assertThat(Functional.dropout(x, 1, true).abs().max().item()).isZero();
    for (double p : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> Functional.dropout(x, p, false)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theFirstMaximumGetsTheGradientAndNaNWins() {
    Tensor x = Tensor.of(new float[] {1, 5, 5, 5}, 1, 1, 2, 2).requiresGrad(true);
    Functional.maxPool2d(x, Window.of(2)).sum().backward();
    assertThat(x.grad().toFloats()).containsExactly(0, 1, 0, 0);
    Tensor nan = Tensor.of(new float[] {1, Float.NaN, 5, 5}, 1, 1, 2, 2);
    assertThat(Functional.maxPool2d(nan, Window.of(2)).item()).isNaN();
    Tensor low = Tensor.full(-7, 1, 3, 1, 1);
    assertThat(Functional.maxPool2d(low, Window.of(3).pad(1)).max().item()).isEqualTo(-7);
  }

  @Test
  void maxPoolingKeepsOneByteForEachOutputAndNoneWithoutGradient() {
    Tensor x = Tensor.zeros(10, 64, 64, 64).channelsLast();
    long outputs = x.size() / 4, before = Memory.used();
    Functional.maxPool2d(x, Window.of(2));
    long plain = Memory.used() - before;
    assertThat(plain).isBetween(outputs * 4, outputs * 5 - 1);
    x.requiresGrad(true);
    Functional.maxPool2d(x, Window.of(2));
    assertThat(Memory.used() - before - 2 * plain).isBetween(outputs, outputs * 5 / 4);
  }

  @Test
  void aSingleImageNeedsNoBatch() {
    Tensor x = Tensor.rand(3, 8, 8), w = Tensor.rand(4, 3, 3, 3);
    assertThat(Functional.conv2d(x, w, null, Window.same(3).stride(2)).shape()).isEqualTo(Shape.of(4, 4, 4));
    assertThat(Functional.avgPool2d(x, Window.of(2), true).shape()).isEqualTo(Shape.of(3, 4, 4));
    assertThat(Functional.globalAvgPool2d(x).shape()).isEqualTo(Shape.of(3, 1, 1));
  }

  @Test
  void aChangedWeightIsNotTakenFromTheCache() {
    Tensor x = Tensor.ones(1, 1, 4, 4), w = Tensor.ones(1, 1, 3, 3);
    for (int i = 1; i <= 3; i++) {
      assertThat(Functional.conv2d(x, w.fillInPlace(i), null, Window.of(3)).max().item()).isEqualTo(9 * i);
    }
    Tensor wide = Tensor.ones(8, 8, 3, 3), images = Tensor.ones(2, 8, 8, 8);
    for (int i = 1; i <= 3; i++) {
      assertThat(Functional.conv2d(images, wide.fillInPlace(i), null, Window.of(3)).max().item()).isEqualTo(72 * i);
    }
  }
}
