package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.optim.SGD;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The layers that LeNet-5 alone has. */
@ExtendWith(InScope.class)
class LeNetLayersTest {
  private static final int[][] TABLE = {{0, 2}, {1}, {2, 0, 1}};


  @Test
  void subsamplingScalesTheMean() {
    var s2 = new Subsample2d(2, 2);
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 10, 20, 30, 40}, 1, 2, 2, 2);
    assertThat(s2.forward(x).toFloats()).as("at first an average").containsExactly(2.5f, 25);
    s2.weight().copyInPlace(Tensor.of(2f, -1f));
    s2.bias().copyInPlace(Tensor.of(0.5f, 3f));
    Tensor y = s2.forward(x);
    assertThat(y.toFloats()).containsExactly(5.5f, -22);
    y.backward(Tensor.of(new float[] {1, 10}, 1, 2, 1, 1));
    assertThat(s2.weight().grad().toFloats()).containsExactly(2.5f, 250);
    assertThat(s2.bias().grad().toFloats()).containsExactly(1, 10);
    assertThat(s2.parameterCount()).isEqualTo(4);
    assertThat(s2).hasToString("Subsample2d(2, kernel_size=2, stride=2, padding=0)");
    assertThatThrownBy(() -> s2.forward(Tensor.ones(1, 3, 4, 4))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new Subsample2d(0, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sparseConvolutionSeesWhatTheTableSays() {
    for (int[][] table : new int[][][] {{{0}}, {{0}, {1}}}) {
      assertThatThrownBy(() -> new SparseConv2d(Integer.MAX_VALUE, table, Window.of(2)))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("expected at most 16777216 pairs of maps, "
              + "got " + table.length + " output maps of 2147483647 input maps");
    }
    var c3 = new SparseConv2d(3, TABLE, Window.of(2));
    assertThat(c3.weight().shape().dims()).containsExactly(6, 2, 2);
    assertThat(c3.parameterCount()).isEqualTo(6 * 4 + 3);
    Tensor x = Tensor.randn(2, 3, 4, 5);
    Tensor y = c3.forward(x);
    int kernel = 0;
    for (int o = 0; o < TABLE.length; o++) { // each map by itself, on the maps it sees
      Tensor seen = Tensor.cat(1, Arrays.stream(TABLE[o]).mapToObj(i -> x.narrow(1, i, 1)).toArray(Tensor[]::new));
      Tensor w = c3.weight().narrow(0, kernel, TABLE[o].length).unsqueeze(0);
      Tensor map = Functional.conv2d(seen, w, c3.bias().narrow(0, o, 1), Window.of(2));
      assertThat(y.narrow(1, o, 1).toFloats()).containsExactly(map.toFloats(), within(1e-5f));
      kernel += TABLE[o].length;
    }
  }

  @Test
  void whatIsNotConnectedNeverIs() {
    var c3 = new SparseConv2d(3, TABLE, Window.same(3));
    var sgd = new SGD(c3.parameters(), 0.1).momentum(0.9);
    Tensor x = Tensor.randn(2, 3, 6, 6);
    float[] before = c3.weight().toFloats();
    for (int i = 0; i < 3; i++) {
      sgd.zeroGrad();
      c3.forward(x).square().mean().backward();
      assertThat(c3.weight().grad().abs().min().item()).isPositive();
      sgd.step();
    }
    assertThat(c3.weight().toFloats()).isNotEqualTo(before);
    Tensor dense = c3.dense();
    for (int o = 0; o < 3; o++) {
      for (int i = 0; i < 3; i++) {
        int map = i;
        boolean connected = Arrays.stream(TABLE[o]).anyMatch(k -> k == map);
        assertThat(dense.select(0, o).select(0, i).abs().sum().item() > 0).isEqualTo(connected);
      }
    }
  }

  @Test
  void sparseConvolutionStartsFromTheRangeOfEachMap() {
    var c3 = new SparseConv2d(4, new int[][] {{0}, {0, 1, 2, 3}}, Window.of(10));
    assertThat(c3.weight().narrow(0, 0, 1).abs().max().item()).isBetween(0.08f, 0.1f);
    assertThat(c3.weight().narrow(0, 1, 4).abs().max().item()).isBetween(0.045f, 0.05f);
    float[] first = c3.weight().toFloats();
    c3.reset();
    assertThat(c3.weight().toFloats()).isNotEqualTo(first);
    assertThat(c3).hasToString(
        "SparseConv2d(4, 2, kernel_size=(10, 10), stride=(1, 1), connections=5)");
  }

  @Test
  void wrongTablesAreRefused() {
    refused(new int[][] {{0}, {}}, "output map 1 sees no input map");
    refused(new int[][] {{0, 3}}, "output map 0 sees input map 3, which is not in 0..2");
    refused(new int[][] {{-1}}, "output map 0 sees input map -1, which is not in 0..2");
    refused(new int[][] {{1, 2, 1}}, "output map 0 sees input map 1 twice");
    refused(new int[0][], "number of output maps must be at least 1");
    var c3 = new SparseConv2d(3, TABLE, Window.of(2));
    assertThatThrownBy(() -> c3.forward(Tensor.ones(1, 4, 4, 4))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("SparseConv2d: ");
  }

  private static void refused(int[][] table, String message) {
    assertThatThrownBy(() -> new SparseConv2d(3, table, Window.of(2))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void rbfMeasuresDistances() {
    var rbf = new RBF(Tensor.of(new float[][] {{1, 2, 3}, {0, 0, 0}}));
    Tensor x = Tensor.of(new float[][] {{1, 2, 3}, {3, 2, 1}}).requiresGrad(true);
    Tensor y = rbf.forward(x);
    assertThat(y.toFloats()).containsExactly(0, 14, 8, 14);
    y.backward(Tensor.of(new float[][] {{1, 0}, {1, 1}}));
    assertThat(x.grad().toFloats()).containsExactly(0, 0, 0, 4 + 6, 0 + 4, -4 + 2);
    assertThat(rbf.parameterCount()).isZero();
    assertThat(rbf.stateDict().keySet()).containsExactly("weight");
    rbf.trainable(true);
    assertThat(rbf.parameterCount()).isEqualTo(6);
    rbf.forward(x).sum().backward();
    assertThat(rbf.weight().grad().shape().dims()).containsExactly(2, 3);
    assertThat(rbf).hasToString("RBF(in_features=3, out_features=2, trainable=True)");
    assertThat(rbf.trainable(false).parameterCount()).isZero();
    assertThat(rbf.forward(x.detach()).requiresGrad()).isFalse();
    assertThatThrownBy(() -> rbf.forward(Tensor.ones(2, 4))).isInstanceOf(ShapeException.class)
        .hasMessage("RBF: expected (N, 3), got shape (2, 4)");
    assertThatThrownBy(() -> new RBF(Tensor.ones(3))).isInstanceOf(ShapeException.class);
  }

  @Test
  void theDigitsAreCodesOfPlusAndMinusOne() {
    Tensor w = RBF.digits().weight();
    assertThat(w.shape().dims()).containsExactly(10, 84);
    assertThat(w.abs().toFloats()).containsOnly(1);
    Tensor distances = RBF.digits().forward(w); // each is 4 for a pixel that differs
    float[] d = distances.toFloats();
    for (int i = 0; i < 10; i++) {
      for (int j = 0; j < 10; j++) {
        if (i == j) assertThat(d[10 * i + j]).isZero();
        else assertThat(d[10 * i + j]).as(i + " and " + j).isGreaterThanOrEqualTo(4 * 8);
      }
    }
    StringBuilder seven = new StringBuilder();
    float[] all = w.toFloats();
    for (int k = 0; k < 21; k++) seven.append(all[7 * 84 + k] > 0 ? '#' : '.').append(k % 7 == 6 ? "\n" : "");
    assertThat(seven).hasToString("#######\n.....##\n.....##\n");
  }

  @Test
  void squashingKeepsPlusAndMinusOne() {
    assertThat(new ScaledTanh().forward(Tensor.of(-1f, 0f, 1f, 100f)).toFloats())
        .containsExactly(new float[] {-1, 0, 1, 1.7159f}, within(2e-5f));
  }

  @Test
  void lossesAreThoseOfThePaper() {
    Tensor y = Tensor.of(new float[][] {{1, 3, 0.5f}, {20, 4, 9}});
    Tensor labels = Tensor.of(1L, 2L);
    assertThat(new RBFLoss().forward(y, labels).item()).isCloseTo((3 + 9) / 2f, within(1e-6f));
    double j = 2, first = 3 + Math.log(Math.exp(-j) + Math.exp(-1) + Math.exp(-3) + Math.exp(-0.5));
    double second = 9 + Math.log(Math.exp(-j) + Math.exp(-20) + Math.exp(-4) + Math.exp(-9));
    float[] expected = {(float) first, (float) second};
    assertThat(new RBFLoss(j).reduction(Reduction.NONE).forward(y, labels).toFloats())
        .containsExactly(expected, within(1e-6f));
    assertThat(new RBFLoss(j).forward(y, labels).item()).isCloseTo((float) (first + second) / 2, within(1e-6f));
  }

  @Test
  void theLossPullsTheLabelAndPushesWhatIsNear() {
    Tensor y = Tensor.of(new float[][] {{3, 1, 50}}).requiresGrad(true);
    new RBFLoss(5).forward(y, Tensor.of(0L)).backward();
    double z = Math.exp(-3) + Math.exp(-1) + Math.exp(-50) + Math.exp(-5);
    float[] expected = {(float) (1 - Math.exp(-3) / z), (float) (-Math.exp(-1) / z), 0};
    assertThat(y.grad().toFloats()).containsExactly(expected, within(1e-6f));
  }

  @Test
  void badLossesAreRefused() {
    for (double j : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new RBFLoss(j)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("j ");
    }
    assertThatThrownBy(() -> new RBFLoss(1).forward(Tensor.ones(2, 3), Tensor.of(0L, 3L)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RBFLoss(1).forward(Tensor.ones(3), Tensor.of(0L)))
        .isInstanceOf(ShapeException.class).hasMessageStartingWith("RBFLoss: ");
  }
}
