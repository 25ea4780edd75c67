package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DTypeException;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Losses against their formulas in double, and their gradients against differences of these. */
class LossOptionsTest {
  private static final int N = 5, C = 4;
  private static final long[] LABELS = {3, 0, 2, 0, 1};
  private static final float[] WEIGHTS = {0.5f, 2, 1, 3};

  private static double[] normal(int n, long seed) {
    var random = new Random(seed);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian() * 2;
    return x;
  }

  private static Tensor tensor(double[] x, int... shape) {
    float[] f = new float[x.length];
    for (int i = 0; i < f.length; i++) f[i] = (float) x[i];
    return Tensor.of(f, shape);
  }

  private static double[] logSoftmax(double[] x, int row, int c) {
    double sum = 0;
    for (int k = 0; k < c; k++) sum += Math.exp(x[row * c + k]);
    double[] y = new double[c];
    for (int k = 0; k < c; k++) y[k] = x[row * c + k] - Math.log(sum);
    return y;
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
  }

  /** The loss of x, and its gradient. */
  private static void check(Loss loss, double[] x, int[] shape, Tensor target, Function<double[], Double> formula) {
    Tensor p = tensor(x, shape).requiresGrad(true), y = loss.forward(p, target);
    assertClose(y.item(), formula.apply(x));
    y.backward();
    float[] g = p.grad().toFloats();
    for (int i = 0; i < x.length; i++) {
      double[] up = x.clone(), down = x.clone();
      up[i] += 1e-5;
      down[i] -= 1e-5;
      double slope = (formula.apply(up) - formula.apply(down)) / 2e-5;
      assertThat((double) g[i]).as("gradient %d", i).isCloseTo(slope, within(1e-5));
    }
  }

  // ---- cross entropy ----

  private static double crossEntropy(double[] x, float[] w, long ignored, double smoothing) {
    double sum = 0, weights = 0;
    for (int i = 0; i < N; i++) {
      if (LABELS[i] == ignored) continue;
      double[] p = logSoftmax(x, i, C);
      double own = w[(int) LABELS[i]];
      sum -= (1 - smoothing) * own * p[(int) LABELS[i]];
      for (int k = 0; k < C; k++) sum -= smoothing / C * w[k] * p[k];
      weights += own;
    }
    return sum / weights;
  }

  @Test
  void classWeightsIgnoredLabelsAndSmoothing() {
    double[] x = normal(N * C, 1);
    float[] ones = {1, 1, 1, 1};
    Tensor labels = Tensor.of(LABELS);
    int[] shape = {N, C};
    check(new CrossEntropyLoss(), x, shape, labels, v -> crossEntropy(v, ones, -1, 0));
    check(new CrossEntropyLoss().weight(WEIGHTS), x, shape, labels, v -> crossEntropy(v, WEIGHTS, -1, 0));
    check(new CrossEntropyLoss().ignoreIndex(0), x, shape, labels, v -> crossEntropy(v, ones, 0, 0));
    check(new CrossEntropyLoss().ignoreIndex(2).weight(WEIGHTS), x, shape, labels, v -> crossEntropy(v, WEIGHTS, 2, 0));
    check(new CrossEntropyLoss().labelSmoothing(0.1), x, shape, labels, v -> crossEntropy(v, ones, -1, 0.1));
    check(new CrossEntropyLoss().labelSmoothing(0.3).weight(WEIGHTS).ignoreIndex(0), x, shape, labels,
        v -> crossEntropy(v, WEIGHTS, 0, 0.3));
  }

  @Test
  void ignoredRowsMayHoldAnything() {
    float[] padded = {1, 2, Float.NEGATIVE_INFINITY, 0, 3, 1, Float.NaN, 0};
    Tensor labels = Tensor.of(0, -100, 1, -100);
    double first = Math.log1p(Math.E), second = Math.log1p(Math.exp(2)); // -log softmax
    Tensor x = Tensor.of(padded, 4, 2).requiresGrad(true);
    Tensor loss = new CrossEntropyLoss().forward(x, labels);
    assertClose(loss.item(), (first + second) / 2);
    loss.backward();
    assertThat(x.grad().toFloats()).containsSubsequence(0, 0).doesNotContain(Float.NaN);
    assertClose(new CrossEntropyLoss().weight(3, 1).forward(x, labels).item(), (3 * first + second) / 4);
    assertClose(new CrossEntropyLoss().labelSmoothing(0.2).forward(x, labels).item(),
        (0.9 * first + 0.1 * (first - 1) + 0.9 * second + 0.1 * (second - 2)) / 2);
    x.zeroGrad();
    new CrossEntropyLoss().labelSmoothing(0.2).forward(x, labels).backward();
    assertThat(x.grad().toFloats()).doesNotContain(Float.NaN);
    x.zeroGrad();
    new CrossEntropyLoss().labelSmoothing(0.2).forward(x, Tensor.of(-100, -100, -100, -100)).backward();
    assertThat(x.grad().toFloats()).containsOnly(0);
    Tensor each = new CrossEntropyLoss().reduction(Reduction.NONE).forward(x, labels);
    assertClose(each.toFloats()[0], first);
    assertClose(each.toFloats()[2], second);
    assertThat(each.toFloats()[1] + each.toFloats()[3]).isZero();
    assertThat(new NLLLoss().forward(Tensor.of(padded, 4, 2), labels).item()).isEqualTo(-1);
  }

  @Test
  void ignoredLabelsNeedNotBeClasses() {
    double[] x = normal(3 * C, 2);
    Tensor labels = Tensor.of(1L, -100L, 2L);
    var loss = new CrossEntropyLoss(); // ignores -100
    double[] a = logSoftmax(x, 0, C), b = logSoftmax(x, 2, C);
    assertClose(loss.forward(tensor(x, 3, C), labels).item(), -(a[1] + b[2]) / 2);
    var sum = new CrossEntropyLoss().reduction(Reduction.SUM);
    assertClose(sum.forward(tensor(x, 3, C), labels).item(), -a[1] - b[2]);
    assertThat(loss.reduction(Reduction.NONE).forward(tensor(x, 3, C), labels).toFloats()[1]).isZero();
    assertThat(new CrossEntropyLoss().ignoreIndex(7).forward(Tensor.ones(1, 3), Tensor.of(7L)).item()).isNaN();
    assertThat(sum.forward(Tensor.full(Float.NaN, 2, 3), Tensor.of(-100L, -100L)).item()).isZero();
    assertThatThrownBy(() -> loss.forward(tensor(x, 3, C), Tensor.of(1L, -99L, 2L)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("-99");
    assertThatThrownBy(() -> loss.forward(tensor(x, 3, C), Tensor.ones(3))).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> new CrossEntropyLoss().ignoreIndex(-1).forward(tensor(x, 3, C), labels))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("label -100 at row 1 is outside 0..3");
    assertThat(new CrossEntropyLoss()).hasToString("CrossEntropyLoss(reduction=mean)");
    assertThat(new NLLLoss().ignoreIndex(2)).hasToString("NLLLoss(reduction=mean, ignore_index=2)");
  }

  @Test
  void otherLabelsThatAreNoClassesAreErrors() {
    Tensor x = tensor(normal(3 * C, 2), 3, C);
    for (ClassLoss<?> loss : List.of(new CrossEntropyLoss(), new CrossEntropyLoss().labelSmoothing(0.1), new NLLLoss(),
        new CrossEntropyLoss().weight(WEIGHTS), new NLLLoss().weight(WEIGHTS))) {
      for (long bad : new long[] {-1, C, -101}) {
        for (long other : new long[] {0, -100}) {
          assertThatThrownBy(() -> loss.forward(x, Tensor.of(other, 1L, bad)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("label " + bad + " at row 2 is outside 0..3");
        }
      }
      assertThatThrownBy(() -> loss.forward(x, Tensor.ones(3))).isInstanceOf(DTypeException.class);
    }
  }

  @Test
  void aBatchOfWhichNothingCountsMovesNothing() {
    Tensor labels = Tensor.of(-100L, -100L, -100L);
    for (ClassLoss<?> loss : List.of(new CrossEntropyLoss(), new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.1),
        new NLLLoss())) {
      Tensor x = tensor(normal(3 * C, 2), 3, C).requiresGrad(true), mean = loss.forward(x, labels);
      assertThat(mean.item()).isNaN();
      mean.backward();
      assertThat(x.grad().abs().sum().item()).isZero();
    }
  }

  @Test
  void pixelsHaveWeightsToo() {
    double[] x = normal(2 * C * 3, 3); // (2, C, 3)
    long[] labels = {0, 1, 3, 3, 2, 0};
    double sum = 0, weights = 0;
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 3; i++) {
        double[] row = new double[C];
        for (int k = 0; k < C; k++) row[k] = x[(n * C + k) * 3 + i];
        int label = (int) labels[n * 3 + i];
        sum -= WEIGHTS[label] * logSoftmax(row, 0, C)[label];
        weights += WEIGHTS[label];
      }
    }
    Tensor p = tensor(x, 2, C, 3), t = Tensor.of(labels, 2, 3);
    assertClose(new CrossEntropyLoss().weight(WEIGHTS).forward(p, t).item(), sum / weights);
    assertClose(new NLLLoss().weight(WEIGHTS).forward(p.logSoftmax(1), t).item(), sum / weights);
    assertThat(new NLLLoss().weight(WEIGHTS).reduction(Reduction.NONE).forward(p, t).shape()).hasToString("(2, 3)");
  }

  @Test
  void probabilitiesAsTargets() {
    double[] x = normal(N * C, 4), t = new double[N * C];
    for (int i = 0; i < N; i++) {
      double[] p = logSoftmax(normal(C, 10 + i), 0, C);
      for (int k = 0; k < C; k++) t[i * C + k] = (float) Math.exp(p[k]);
    }
    Tensor target = tensor(t, N, C);
    for (double smoothing : new double[] {0, 0.2}) {
      Function<double[], Double> formula = v -> {
        double sum = 0;
        for (int i = 0; i < N; i++) {
          double[] p = logSoftmax(v, i, C);
          for (int k = 0; k < C; k++) {
            sum -= WEIGHTS[k] * ((1 - smoothing) * t[i * C + k] + smoothing / C) * p[k];
          }
        }
        return sum / N;
      };
      check(new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(smoothing), x, new int[] {N, C}, target, formula);
    }
    float[] hot = new float[N * C];
    for (int i = 0; i < N; i++) hot[i * C + (int) LABELS[i]] = 1;
    Tensor p = tensor(x, N, C);
    assertClose(new CrossEntropyLoss().forward(p, Tensor.of(hot, N, C)).item(),
        new CrossEntropyLoss().forward(p, Tensor.of(LABELS)).item());
    assertThatThrownBy(() -> new CrossEntropyLoss().ignoreIndex(1).forward(p, target))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("ignoreIndex is for labels");
    assertThatThrownBy(() -> new CrossEntropyLoss().weight(1, 2).forward(p, target)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("2 class weights for 4 classes");
  }

  // ---- element by element ----

  private static Function<double[], Double> mean(double[] t, DoubleBinaryOperator f) {
    return x -> {
      double sum = 0;
      for (int i = 0; i < x.length; i++) sum += f.applyAsDouble(x[i], t[i]);
      return sum / x.length;
    };
  }

  private static double huber(double d, double delta) {
    return Math.abs(d) < delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
  }

  @Test
  void absoluteHuberAndSmooth() {
    double[] x = normal(12, 5), t = normal(12, 6);
    int[] shape = {3, 4};
    Tensor target = tensor(t, shape);
    check(new L1Loss(), x, shape, target, mean(t, (a, b) -> Math.abs(a - b)));
    check(new HuberLoss(), x, shape, target, mean(t, (a, b) -> huber(a - b, 1)));
    check(new HuberLoss(2.5), x, shape, target, mean(t, (a, b) -> huber(a - b, 2.5)));
    check(new SmoothL1Loss(), x, shape, target, mean(t, (a, b) -> huber(a - b, 1)));
    check(new SmoothL1Loss(0.5), x, shape, target, mean(t, (a, b) -> huber(a - b, 0.5) / 0.5));
    check(new SmoothL1Loss(0), x, shape, target, mean(t, (a, b) -> Math.abs(a - b)));
    check(new HuberLoss(Double.POSITIVE_INFINITY), x, shape, target, mean(t, (a, b) -> (a - b) * (a - b) / 2));
    Tensor a = Tensor.of(0f, 3f), b = Tensor.of(0.5f, 0f);
    assertThat(new HuberLoss(1).reduction(Reduction.NONE).forward(a, b).toFloats()).containsExactly(0.125f, 2.5f);
    assertThat(new HuberLoss(2).reduction(Reduction.SUM)).hasToString("HuberLoss(reduction=sum, delta=2.0)");
  }

  @Test
  void nothingHidesNaN() {
    for (Loss loss : List.of(new HuberLoss(), new SmoothL1Loss())) {
      Tensor x = Tensor.of(Float.NaN, 3f).requiresGrad(true);
      Tensor y = loss.forward(x, Tensor.of(0f, 0f));
      y.backward();
      assertThat(y.item()).isNaN();
      assertThat(x.grad().toFloats()).containsExactly(Float.NaN, 0.5f);
    }
  }

  @Test
  void logitsWithPositiveWeights() {
    double[] x = normal(12, 7), t = new double[12], w = {0.5, 1, 4};
    for (int i = 0; i < 12; i++) t[i] = i % 5 / 4f;
    int[] shape = {4, 3};
    Tensor target = tensor(t, shape);
    Function<double[], Double> plain =
        mean(t, (a, b) -> -(b * -Math.log1p(Math.exp(-a)) + (1 - b) * -Math.log1p(Math.exp(a))));
    check(new BCEWithLogitsLoss(), x, shape, target, plain);
    check(new BCEWithLogitsLoss().posWeight(tensor(w, 3)), x, shape, target, v -> {
      double sum = 0;
      for (int i = 0; i < 12; i++) {
        sum += w[i % 3] * t[i] * Math.log1p(Math.exp(-v[i])) + (1 - t[i]) * Math.log1p(Math.exp(v[i]));
      }
      return sum / 12;
    });
    assertThatThrownBy(() -> new BCEWithLogitsLoss().posWeight(Tensor.ones(2)).forward(tensor(x, shape), target))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new BCEWithLogitsLoss().posWeight(Tensor.ones(7, 4, 3)).forward(tensor(x, shape), target))
        .isInstanceOf(ShapeException.class).hasMessageContaining("posWeight (7, 4, 3)");
    assertThat(new BCEWithLogitsLoss().forward(Tensor.of(1000f, -1000f), Tensor.of(1f, 1f)).item()).isEqualTo(500);
  }

  @Test
  void divergenceOfDistributions() {
    double[] x = new double[8], t = {0.25, 0.75, 0, 1, 0.5, 0.5, 0.1f, 0.9f};
    for (int i = 0; i < 4; i++) {
      double[] p = logSoftmax(normal(2, 20 + i), 0, 2);
      x[2 * i] = p[0];
      x[2 * i + 1] = p[1];
    }
    int[] shape = {4, 2};
    Function<double[], Double> mean = mean(t, (a, b) -> b == 0 ? 0 : b * (Math.log(b) - a));
    Tensor target = tensor(t, shape);
    check(new KLDivLoss(), x, shape, target, mean);
    check(new KLDivLoss().batchMean(true), x, shape, target, v -> mean.apply(v) * 2);
    double[] logs = Arrays.stream(t).map(p -> p == 0 ? -50 : Math.log(p)).map(p -> (float) p).toArray();
    check(new KLDivLoss().logTarget(true), x, shape, tensor(logs, shape), mean(logs, (a, b) -> Math.exp(b) * (b - a)));
    assertThat(new KLDivLoss().forward(target.add(1e-9).log(), target).item()).isCloseTo(0, within(1e-6f));
  }

  // ---- samples ----

  /** (Σ weight · loss) / N, whatever the weights add up to. */
  @Test
  void samplesHaveWeights() {
    double[] x = normal(N * C, 8);
    Tensor p = tensor(x, N, C), w = Tensor.of(0f, 1f, 2f, 0.5f, 3f), labels = Tensor.of(LABELS);
    double expected = 0;
    for (int i = 0; i < N; i++) expected -= w.toFloats()[i] * logSoftmax(x, i, C)[(int) LABELS[i]];
    assertClose(new CrossEntropyLoss().forward(p, labels, w).item(), expected / N);
    assertClose(new CrossEntropyLoss().reduction(Reduction.SUM).forward(p, labels, w).item(), expected);
    Tensor t = Tensor.zeros(N, C);
    double squares = 0;
    for (int i = 0; i < N * C; i++) squares += w.toFloats()[i / C] * x[i] * x[i];
    assertClose(new MSELoss().forward(p, t, w).item(), squares / (N * C));
    Tensor q = Tensor.full(0.25f, N, C);
    assertClose(new KLDivLoss().batchMean(true).forward(p, q, Tensor.ones(N)).item(),
        new KLDivLoss().batchMean(true).forward(p, q).item());
    assertThatThrownBy(() -> new MSELoss().forward(p, t, Tensor.ones(N + 1))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("(6)").hasMessageContaining("(5, 4)");
    Loss own = (a, b) -> a.sub(b).sum();
    assertThatThrownBy(() -> own.forward(p, t, w)).isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("forward(prediction, target, weights)");
  }

  /** Whatever the mean divides by. */
  @Test
  void samplesOfWeightOneCountAsWithoutWeights() {
    Tensor x = tensor(normal(N * C, 8), N, C), ones = Tensor.ones(N), labels = Tensor.of(3L, -100L, 2L, -100L, 1L);
    for (ClassLoss<?> loss : List.of(new CrossEntropyLoss(), new CrossEntropyLoss().weight(WEIGHTS),
        new CrossEntropyLoss().weight(WEIGHTS).labelSmoothing(0.2), new NLLLoss(), new NLLLoss().weight(WEIGHTS))) {
      assertClose(loss.forward(x, labels, ones).item(), loss.forward(x, labels).item());
      Tensor full = Tensor.of(LABELS);
      assertClose(loss.forward(x, full, ones).item(), loss.forward(x, full).item());
      assertClose(loss.ignoreIndex(0).forward(x, full, ones).item(), loss.forward(x, full).item());
    }
    var weighted = new CrossEntropyLoss().weight(WEIGHTS);
    Tensor pixels = x.reshape(1, C, N), places = labels.reshape(1, N);
    assertClose(weighted.forward(pixels, places, Tensor.ones(1)).item(), weighted.forward(pixels, places).item());
    Tensor q = x.softmax(1);
    assertClose(weighted.forward(x, q, ones).item(), weighted.forward(x, q).item());
  }

  /** Σ w c loss / Σ c, with a sample's weight w and its class's c. */
  @Test
  void aMeanDividesByTheWeightsOfClassesAlone() {
    double[] x = normal(3 * C, 8);
    Tensor labels = Tensor.of(3L, -100L, 0L), w = Tensor.of(2f, 7f, 0.5f);
    double a = -logSoftmax(x, 0, C)[3], b = -logSoftmax(x, 2, C)[0];
    Tensor p = tensor(x, 3, C).requiresGrad(true);
    assertClose(new CrossEntropyLoss().forward(p, labels, w).item(), (2 * a + 0.5 * b) / 2);
    assertClose(new CrossEntropyLoss().weight(WEIGHTS).forward(p, labels, w).item(),
        (2 * 3 * a + 0.5 * 0.5 * b) / 3.5);
    Tensor none = new NLLLoss().forward(p, Tensor.of(-100L, -100L, -100L), w);
    assertThat(none.item()).isNaN();
    none.backward();
    assertThat(p.grad().abs().sum().item()).isZero();
  }

  @Test
  void printsInfinityAsPython() {
    assertThat(new HuberLoss(Double.POSITIVE_INFINITY)).hasToString("HuberLoss(reduction=mean, delta=inf)");
    assertThat(new SmoothL1Loss(Double.POSITIVE_INFINITY)).hasToString("SmoothL1Loss(reduction=mean, beta=inf)");
    assertThat(BuiltIn.python(Double.NEGATIVE_INFINITY)).isEqualTo("-inf");
    assertThat(BuiltIn.python(Double.NaN)).isEqualTo("nan");
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> new HuberLoss(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SmoothL1Loss(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CrossEntropyLoss().labelSmoothing(1.1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new NLLLoss().weight(1, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new L1Loss().forward(Tensor.ones(2, 1), Tensor.ones(2))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("L1Loss: ");
    assertThatThrownBy(() -> new KLDivLoss().forward(Tensor.ones(2), Tensor.ones(3)))
        .isInstanceOf(ShapeException.class);
  }
}
