package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SmoothCurveTest {
  /** I₀(x) = Σ (x/2)²ᵏ / k!². */
  private static double series(double x) {
    double sum = 0;
    double factorial = 1;
    for (int k = 0; k < 40; k++) {
      if (k > 0) factorial *= k;
      sum += Math.pow(x / 2, 2 * k) / (factorial * factorial);
    }
    return sum;
  }

  /** I₀(x) = 1/π ∫ e^(x cos θ) dθ from 0 to π, by the trapezoidal rule, which is exact for what is periodic. */
  private static double integral(double x) {
    int n = 200;
    double sum = (Math.exp(x) + Math.exp(-x)) / 2;
    for (int i = 1; i < n; i++) sum += Math.exp(x * Math.cos(Math.PI * i / n));
    return sum / n;
  }

  private static List<Double> random(int n) {
    return new Random(5).doubles(n).boxed().toList();
  }

  @Test
  void theWindowIsKaisers() {
    double[] w = SmoothCurve.kaiser(11, 2);
    assertThat(w).hasSize(11);
    assertThat(w[5]).isEqualTo(1);
    for (int i = 0; i < 11; i++) {
      double x = 2 * Math.sqrt(1 - Math.pow((i - 5) / 5.0, 2));
      assertThat(w[i]).isCloseTo(series(x) / series(2), within(1e-14));
      assertThat(w[i]).isCloseTo(integral(x) / integral(2), within(1e-14));
      assertThat(w[i]).isCloseTo(w[10 - i], within(1e-15));
    }
    assertThat(w[0]).isCloseTo(1 / 2.2795853023360673, within(1e-14)); // I₀(2)
  }

  @Test
  void aValueIsTheWeightedMeanOfElevenAndTheLengthStays() {
    List<Double> x = random(50);
    List<Double> y = SmoothCurve.smoothCurve(x);
    double[] w = SmoothCurve.kaiser(11, 2);
    double sum = DoubleStream.of(w).sum();
    assertThat(y).hasSize(50);
    for (int i = 5; i < 45; i++) {
      double mean = 0;
      for (int k = 0; k < 11; k++) mean += w[k] / sum * x.get(i - 5 + k);
      assertThat(y.get(i)).isCloseTo(mean, within(1e-14));
    }
  }

  /** numpy: s = np.r_[x[10:0:-1], x, x[-2:-12:-1]]; np.convolve(w / w.sum(), s, 'valid')[5:-5]. */
  @Test
  void theEndsAreMirrored() {
    for (int n : new int[] {11, 12, 30}) {
      List<Double> x = random(n);
      var s = new ArrayList<Double>();
      for (int i = 10; i > 0; i--) s.add(x.get(i));
      s.addAll(x);
      for (int i = n - 2; i > n - 12; i--) s.add(x.get(i));
      List<Double> whole = SmoothCurve.smoothCurve(s); // in its middle it does not see its own ends
      List<Double> y = SmoothCurve.smoothCurve(x);
      assertThat(y).hasSize(n);
      for (int i = 0; i < n; i++) assertThat(y.get(i)).isCloseTo(whole.get(10 + i), within(1e-14));
    }
  }

  @Test
  void constantsStayAndBothEndsAreTreatedAlike() {
    assertThat(SmoothCurve.smoothCurve(Collections.nCopies(20, 3.0))).allSatisfy(v ->
        assertThat(v).isCloseTo(3, within(1e-14)));
    var x = new ArrayList<>(random(25));
    List<Double> forwards = SmoothCurve.smoothCurve(x);
    Collections.reverse(x);
    List<Double> backwards = SmoothCurve.smoothCurve(x);
    for (int i = 0; i < 25; i++) assertThat(backwards.get(24 - i)).isCloseTo(forwards.get(i), within(1e-14));
  }

  @Test
  void aCurveShorterThanTheWindowIsRefused() {
    assertThatThrownBy(() -> SmoothCurve.smoothCurve(random(10))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("smoothCurve: expected at least 11 values, got 10");
  }

  @Test
  void samplesAndLabelsArePermutedAlike() {
    try (var scope = new Scope()) {
      for (int[] shape : new int[][] {{60, 4}, {60, 1, 2, 2}, {60, 2, 2}}) {
        Tensor x = Tensor.arange(0, 240, 1).reshape(shape);
        Tensor t = Tensor.arange(60);
        Batch b = SmoothCurve.shuffleDataset(x, t, 1);
        assertThat(b.x().shape().dims()).containsExactly(shape);
        float[] values = b.x().toFloats();
        long[] labels = b.y().toLongs();
        assertThat(labels).isNotEqualTo(t.toLongs());
        assertThat(Arrays.stream(labels).sorted().toArray()).isEqualTo(t.toLongs());
        for (int i = 0; i < 60; i++) {
          for (int k = 0; k < 4; k++) assertThat(values[4 * i + k]).isEqualTo(4 * labels[i] + k);
        }
        assertThat(SmoothCurve.shuffleDataset(x, t, 1).y().toLongs()).isEqualTo(labels);
        assertThat(SmoothCurve.shuffleDataset(x, t, 2).y().toLongs()).isNotEqualTo(labels);
      }
    }
  }

  @Test
  void sizesOfConvolutions() {
    assertThat(SmoothCurve.convOutputSize(28, 5, 1, 0)).isEqualTo(24);
    assertThat(SmoothCurve.convOutputSize(7, 5, 1, 0)).isEqualTo(3);
    assertThat(SmoothCurve.convOutputSize(7, 3, 2, 0)).isEqualTo(3);
    assertThat(SmoothCurve.convOutputSize(28, 3, 1, 1)).isEqualTo(28);
    assertThat(SmoothCurve.convOutputSize(227, 11, 4, 0)).isEqualTo(55);
    assertThat(SmoothCurve.convOutputSize(5, 5, 3, 0)).isEqualTo(1);
  }

  @Test
  void aSizeThatIsNoWholeNumberIsRefused() {
    assertThatThrownBy(() -> SmoothCurve.convOutputSize(7, 3, 3, 0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("(7 + 0 + 0 - 3) / 3 + 1 is not an integer");
    assertThatThrownBy(() -> SmoothCurve.convOutputSize(28, 5, 2, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> SmoothCurve.convOutputSize(4, 5, 1, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> SmoothCurve.convOutputSize(4, 3, 0, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> SmoothCurve.convOutputSize(4, 3, 1, -1)).isInstanceOf(ShapeException.class);
  }
}
