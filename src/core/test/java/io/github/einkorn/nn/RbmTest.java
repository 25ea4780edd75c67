package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A machine small enough that all its states can be counted, against sums over them in doubles. */
@ExtendWith(InScope.class)
class RbmTest {
  private static final int V = 3, H = 2, STATES = 1 << V;
  private static final int CHAINS = 40_000;

  private final double[][] w = new double[H][V];
  private final double[] b = new double[V], c = new double[H];
  private Rbm rbm;

  @BeforeEach
  void make() {
    Einkorn.seed(4);
    rbm = new Rbm(V, H);
    var random = new Random(7);
    float[] weights = new float[H * V];
    for (int k = 0; k < weights.length; k++) w[k / V][k % V] = weights[k] = (float) random.nextGaussian();
    rbm.weight().copyInPlace(Tensor.of(weights, H, V));
    rbm.visibleBias().copyInPlace(Tensor.of(draw(b, random)));
    rbm.hiddenBias().copyInPlace(Tensor.of(draw(c, random)));
  }

  private static float[] draw(double[] into, Random random) {
    float[] f = new float[into.length];
    for (int i = 0; i < f.length; i++) into[i] = f[i] = (float) random.nextGaussian();
    return f;
  }

  private static int bit(int state, int i) {
    return state >> i & 1;
  }

  /** e^(−E(v, h)), with numbers whose bits are the units. */
  private double weight(int v, int h) {
    double e = 0;
    for (int i = 0; i < V; i++) e += b[i] * bit(v, i);
    for (int j = 0; j < H; j++) {
      e += c[j] * bit(h, j);
      for (int i = 0; i < V; i++) e += w[j][i] * bit(h, j) * bit(v, i);
    }
    return Math.exp(e);
  }

  private double weight(int v) {
    double sum = 0;
    for (int h = 0; h < 1 << H; h++) sum += weight(v, h);
    return sum;
  }

  private double partition() {
    double z = 0;
    for (int v = 0; v < STATES; v++) z += weight(v);
    return z;
  }

  /** All states of the visible units, one in a row. */
  private static Tensor states() {
    float[] all = new float[STATES * V];
    for (int k = 0; k < all.length; k++) all[k] = bit(k / V, k % V);
    return Tensor.of(all, STATES, V);
  }

  @Test
  void freeEnergyIsWhatTheStatesSumTo() {
    float[] f = rbm.freeEnergy(states()).toFloats();
    for (int v = 0; v < STATES; v++) assertThat((double) f[v]).isCloseTo(-Math.log(weight(v)), within(1e-6));
    rbm.weight().fillInPlace(0);
    rbm.hiddenBias().fillInPlace(500);
    rbm.visibleBias().fillInPlace(0);
    assertThat(rbm.freeEnergy(Tensor.ones(1, V)).item()).as("no overflow").isEqualTo(-1000);
  }

  @Test
  void conditionalsAreWhatTheStatesSumTo() {
    float[] p = rbm.forward(states()).toFloats();
    for (int v = 0; v < STATES; v++) {
      for (int j = 0; j < H; j++) {
        double on = 0;
        for (int h = 0; h < 1 << H; h++) on += bit(h, j) * weight(v, h);
        assertThat((double) p[v * H + j]).isCloseTo(on / weight(v), within(1e-6));
      }
    }
    float[] q = rbm.visible(Tensor.of(new float[][] {{0, 1}})).toFloats(); // the state 2
    for (int i = 0; i < V; i++) {
      double on = 0, all = 0;
      for (int v = 0; v < STATES; v++) {
        on += bit(v, i) * weight(v, 2);
        all += weight(v, 2);
      }
      assertThat((double) q[i]).isCloseTo(on / all, within(1e-6));
    }
  }

  /** −mean ln p(v) of two samples, after moving one number. */
  private double negativeLogLikelihood(double[] moved, int at, double by) {
    moved[at] += by;
    double nll = Math.log(partition()) - (Math.log(weight(5)) + Math.log(weight(6))) / 2;
    moved[at] -= by;
    return nll;
  }

  private double exact(double[] moved, int at) {
    return (negativeLogLikelihood(moved, at, 1e-4) - negativeLogLikelihood(moved, at, -1e-4)) / 2e-4;
  }

  private Tensor data() {
    return Tensor.of(new float[][] {{1, 0, 1}, {0, 1, 1}}); // the states 5 and 6
  }

  /** Draws of a number in proportion to p(v). */
  private Tensor drawn(int n) {
    var random = new Random(3);
    float[] all = new float[n * V];
    for (int k = 0; k < n; k++) {
      double u = random.nextDouble() * partition();
      int v = 0;
      while (v < STATES - 1 && (u -= weight(v)) > 0) v++;
      for (int i = 0; i < V; i++) all[k * V + i] = bit(v, i);
    }
    return Tensor.of(all, n, V);
  }

  @Test
  void theGradientIsThatOfTheLikelihood() {
    // with the model's states in their exact proportions, the gradient is exact
    Tensor p = Tensor.zeros(STATES);
    float[] probabilities = new float[STATES];
    for (int v = 0; v < STATES; v++) probabilities[v] = (float) (weight(v) / partition());
    p.copyInPlace(Tensor.of(probabilities));
    rbm.freeEnergy(data()).mean().sub(rbm.freeEnergy(states()).mul(p).sum()).backward();
    assertGradients(1e-5);
  }

  @Test
  void contrastiveDivergenceOfManyStepsIsTheLikelihoods() {
    Tensor start = data().indexSelect(Tensor.of(alternating(CHAINS)));
    Tensor model = rbm.gibbs(start, 50);
    rbm.contrastiveLoss(data(), model).backward();
    assertGradients(5 * 0.5 / Math.sqrt(CHAINS)); // the deviation of a mean of numbers in 0..1
  }

  private static long[] alternating(int n) {
    long[] rows = new long[n];
    for (int i = 0; i < n; i++) rows[i] = i % 2;
    return rows;
  }

  private void assertGradients(double tolerance) {
    float[] gw = rbm.weight().grad().toFloats(), gb = rbm.visibleBias().grad().toFloats();
    float[] gc = rbm.hiddenBias().grad().toFloats();
    for (int k = 0; k < H * V; k++) {
      assertThat((double) gw[k]).as("W %d", k).isCloseTo(exact(w[k / V], k % V), within(tolerance));
    }
    for (int i = 0; i < V; i++) assertThat((double) gb[i]).as("b " + i).isCloseTo(exact(b, i), within(tolerance));
    for (int j = 0; j < H; j++) assertThat((double) gc[j]).as("c " + j).isCloseTo(exact(c, j), within(tolerance));
  }

  @Test
  void chainsKeepTheDistribution() {
    float[] v = rbm.gibbs(drawn(CHAINS), 1).toFloats(); // one step from the right distribution is the right one
    int[] counts = new int[STATES];
    for (int k = 0; k < CHAINS; k++) {
      int state = 0;
      for (int i = 0; i < V; i++) state |= (int) v[k * V + i] << i;
      counts[state]++;
    }
    for (int s = 0; s < STATES; s++) {
      double p = weight(s) / partition(), deviation = Math.sqrt(2 * CHAINS * p * (1 - p)); // of start and step
      assertThat((double) counts[s]).as("state " + s).isCloseTo(CHAINS * p, within(5 * deviation));
    }
  }

  @Test
  void samplesAreDrawnFromTheConditionals() {
    Tensor v = Tensor.zeros(CHAINS, V);
    Tensor h = rbm.sampleHidden(v);
    assertThat(h.toFloats()).containsOnly(0, 1);
    float[] share = h.mean(0).toFloats();
    for (int j = 0; j < H; j++) {
      double p = 1 / (1 + Math.exp(-c[j]));
      assertThat((double) share[j]).isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / CHAINS)));
    }
    assertThat(h.requiresGrad()).isFalse();
    Einkorn.seed(9);
    float[] first = rbm.gibbs(states(), 3).toFloats();
    Einkorn.seed(9);
    assertThat(rbm.gibbs(states(), 3).toFloats()).isEqualTo(first);
  }

  @Test
  void reconstructionErrorIsTheMeanSquare() {
    Tensor v = data();
    float[] r = rbm.visible(rbm.hidden(v)).toFloats(), x = v.toFloats();
    double sum = 0;
    for (int k = 0; k < x.length; k++) sum += (x[k] - r[k]) * (x[k] - r[k]);
    assertThat(rbm.reconstructionError(v)).isCloseTo(sum / x.length, within(1e-6));
  }

  @Test
  void startsSmallAndPrints() {
    var big = new Rbm(100, 200);
    assertThat(big.stateDict().keySet()).containsExactly("weight", "visible_bias", "hidden_bias");
    assertThat(big.weight().shape().dims()).containsExactly(200, 100);
    assertThat(big.weight().square().mean().item()).isCloseTo(1e-4f, within(5e-6f)); // 5 deviations of 1e-6
    assertThat(big).hasToString("Rbm(visible=100, hidden=200)");
    assertThat(big.parameterCount()).isEqualTo(100 * 200 + 300);
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(() -> new Rbm(0, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Rbm: visible must be at least 1, got 0");
    assertThatThrownBy(() -> rbm.forward(Tensor.ones(2, 4))).isInstanceOf(ShapeException.class)
        .hasMessage("Rbm: expected visible units (N, 3), got shape (2, 4)");
    assertThatThrownBy(() -> rbm.visible(Tensor.ones(2, 3))).isInstanceOf(ShapeException.class)
        .hasMessage("Rbm: expected hidden units (N, 2), got shape (2, 3)");
    assertThatThrownBy(() -> rbm.freeEnergy(Tensor.ones(V))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> rbm.sampleHidden(Tensor.of(new long[] {1, 0, 1}, 1, 3)))
        .isInstanceOf(DTypeException.class).hasMessageContaining("visible units");
    assertThatThrownBy(() -> rbm.gibbs(data(), 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Rbm: steps must be at least 1, got 0");
  }
}
