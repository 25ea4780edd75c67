package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class LayersTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(4);
  }

  private static int[] shape(Layer l, int... in) {
    return l.forward(Tensor.randn(in)).shape().dims();
  }

  @Test
  void shapes() {
    assertThat(shape(new Conv2d(3, 5, 3), 2, 3, 7, 9)).containsExactly(2, 5, 5, 7);
    var strided = Window.of(3).pad(1).stride(2);
    assertThat(shape(new Conv2d(4, 6, strided).groups(2), 2, 4, 7, 9)).containsExactly(2, 6, 4, 5);
    assertThat(shape(new Linear(4, 3), 2, 4)).containsExactly(2, 3);
    assertThat(shape(new Linear(4, 3), 2, 5, 4)).containsExactly(2, 5, 3);
    assertThat(shape(new MaxPool2d(2), 2, 3, 7, 9)).containsExactly(2, 3, 3, 4);
    assertThat(shape(new AvgPool2d(Window.of(3).stride(1).pad(1)), 2, 3, 7, 9)).containsExactly(2, 3, 7, 9);
    assertThat(shape(new GlobalAvgPool2d(), 2, 3, 7, 9)).containsExactly(2, 3, 1, 1);
    assertThat(shape(new Flatten(), 2, 3, 7, 9)).containsExactly(2, 189);
    assertThat(shape(new BatchNorm1d(3), 2, 3)).containsExactly(2, 3);
    assertThat(shape(new BatchNorm1d(3), 2, 3, 4)).containsExactly(2, 3, 4);
    assertThat(shape(new BatchNorm2d(3), 2, 3, 4, 5)).containsExactly(2, 3, 4, 5);
    for (Layer l : new Layer[] {new ReLU(), new LeakyReLU(), new Sigmoid(), new Tanh(), new Softmax(1),
        new LogSoftmax(-1), new Identity(), new Dropout(0.5)}) {
      assertThat(shape(l, 2, 3)).as(l.toString()).containsExactly(2, 3);
    }
  }

  @Test
  void flattenIsInLogicalOrder() {
    Tensor x = Tensor.randn(2, 3, 4, 5);
    assertThat(new Flatten().forward(x.channelsLast()).toFloats()).isEqualTo(x.toFloats());
  }

  @Test
  void activationsCompute() {
    Tensor x = Tensor.of(-2f, 0.5f);
    assertThat(new ReLU().forward(x).toFloats()).containsExactly(0, 0.5f);
    assertThat(new LeakyReLU().forward(x).toFloats()).containsExactly(-0.02f, 0.5f);
    float[] sigmoid = {0.11920292f, 0.62245935f}, tanh = {-0.9640276f, 0.46211717f};
    assertThat(new Sigmoid().forward(x).toFloats()).containsExactly(sigmoid, within(1e-6f));
    assertThat(new Tanh().forward(x).toFloats()).containsExactly(tanh, within(1e-6f));
    double sum = Math.exp(-2) + Math.exp(0.5);
    float[] p = {(float) (Math.exp(-2) / sum), (float) (Math.exp(0.5) / sum)};
    assertThat(new Softmax(0).forward(x).toFloats()).containsExactly(p, within(1e-6f));
    assertThat(new LogSoftmax(0).forward(x).exp().toFloats()).containsExactly(p, within(1e-6f));
  }

  @Test
  void averagePoolingCountsPaddingUnlessTold() {
    Tensor x = Tensor.ones(1, 1, 2, 2);
    var window = Window.of(3).stride(1).pad(1);
    assertThat(new AvgPool2d(window).forward(x).toFloats()).containsOnly(4f / 9);
    assertThat(new AvgPool2d(window).countIncludePad(false).forward(x).toFloats()).containsOnly(1);
  }

  @Test
  void dropoutDropsOnlyInTraining() {
    var drop = new Dropout(0.25);
    Tensor x = Tensor.ones(10_000);
    float[] y = drop.forward(x).toFloats();
    int zeros = 0;
    for (float v : y) {
      if (v == 0) zeros++;
      else assertThat(v).isEqualTo(1 / 0.75f);
    }
    assertThat(zeros).isBetween(2_300, 2_700); // 4.6 deviations of 43
    drop.eval();
    assertThat(drop.forward(x)).isSameAs(x);
    for (double p : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new Dropout(p)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Dropout: p");
    }
  }

  @Test
  void defaultInitialisationIsPyTorchs() {
    var conv = new Conv2d(8, 64, Window.of(3, 5)).groups(2);
    var linear = new Linear(100, 200);
    assertUniform(conv.weight(), 1 / Math.sqrt(4 * 15));
    assertUniform(conv.bias(), 1 / Math.sqrt(4 * 15));
    assertUniform(linear.weight(), 0.1);
    assertUniform(linear.bias(), 0.1);
    assertThat(conv.weight().shape().dims()).containsExactly(64, 4, 3, 5);
    assertThat(linear.weight().shape().dims()).containsExactly(200, 100);
  }

  /** Range, and for n values mean and variance within 5 standard errors: σ² = b²/3, and Var(x²) = 4 b⁴/45. */
  private static void assertUniform(Tensor t, double bound) {
    double sum = 0, squares = 0;
    float[] v = t.toFloats();
    for (float x : v) {
      assertThat(Math.abs(x)).isLessThanOrEqualTo((float) bound);
      sum += x;
      squares += x * x;
    }
    assertThat(sum / v.length).isCloseTo(0, within(5 * bound / Math.sqrt(3.0 * v.length)));
    assertThat(squares / v.length).isCloseTo(bound * bound / 3,
        within(5 * bound * bound * Math.sqrt(4.0 / 45 / v.length)));
  }

  @Test
  void optionsChangeTheParameters() {
    var linear = new Linear(3, 2).bias(false);
    assertThat(linear.stateDict().keySet()).containsExactly("weight");
    assertThat(linear.bias()).isNull();
    assertThat(linear.bias(true).stateDict().keySet()).containsExactly("weight", "bias");
    var conv = new Conv2d(4, 8, 3).groups(4);
    assertThat(conv.stateDict().keySet()).containsExactly("weight", "bias");
    assertThat(conv.weight().shape().dims()).containsExactly(8, 1, 3, 3);
    assertThat(conv.bias(false).groups(2).stateDict().keySet()).containsExactly("weight");
    conv.reset();
    assertThat(shape(conv, 1, 4, 5, 5)).containsExactly(1, 8, 3, 3);
    assertThatThrownBy(() -> conv.groups(3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Conv2d: groups must divide 4 and 8 channels, got 3");
    assertThatThrownBy(() -> conv.groups(0)).hasMessage("Conv2d: groups must be at least 1, got 0");
    assertThat(new BatchNorm2d(4).affine(false).stateDict().keySet())
        .containsExactly("running_mean", "running_var", "num_batches_tracked");
    assertThat(new BatchNorm1d(4).trackRunningStats(false).stateDict().keySet()).containsExactly("weight", "bias");
  }

  @Test
  void linearAndConvolutionAgreeWithSums() {
    var linear = new Linear(2, 1);
    linear.weight().copyInPlace(Tensor.of(new float[] {2, 3}, 1, 2));
    linear.bias().fillInPlace(1);
    assertThat(linear.forward(Tensor.of(new float[][] {{1, 1}, {0, 2}})).toFloats()).containsExactly(6, 7);
    var conv = new Conv2d(1, 1, 2).bias(false);
    conv.weight().copyInPlace(Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2));
    assertThat(conv.forward(Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 1, 1, 3, 3)).toFloats())
        .containsExactly(5, 3, 2, 5);
  }

  @Test
  void batchNormMovesItsStatisticsAsPyTorch() {
    var bn = new BatchNorm1d(1);
    Tensor x = Tensor.of(new float[][] {{1}, {2}, {6}}); // mean 3, biased variance 14/3, unbiased 7
    float s = (float) Math.sqrt(14.0 / 3 + 1e-5);
    assertThat(bn.forward(x).toFloats()).containsExactly(new float[] {-2 / s, -1 / s, 3 / s}, within(1e-6f));
    assertThat(bn.runningMean().item()).isCloseTo(0.3f, within(1e-6f));
    assertThat(bn.runningVar().item()).isCloseTo(0.9f + 0.7f, within(1e-6f));
    bn.eval();
    assertThat(bn.forward(Tensor.of(new float[][] {{0.3f}})).item()).isCloseTo(0, within(1e-6f));
    assertThat(bn.stateDict().get("num_batches_tracked").toLongs()).containsExactly(1);

    var average = new BatchNorm1d(1).momentum(null);
    average.forward(x);
    average.forward(Tensor.of(new float[][] {{4}, {6}})); // mean 5, unbiased variance 2
    assertThat(average.runningMean().item()).isCloseTo(4, within(1e-6f));
    assertThat(average.runningVar().item()).isCloseTo(4.5f, within(1e-5f));

    var none = new BatchNorm1d(1).trackRunningStats(false);
    none.eval();
    assertThat(none.forward(x).toFloats()).containsExactly(new float[] {-2 / s, -1 / s, 3 / s}, within(1e-6f));
    assertThat(none.runningMean()).isNull();
  }

  @Test
  void batchNormRefusesSingleValuesInTraining() {
    var bn = new BatchNorm2d(3);
    assertThatThrownBy(() -> bn.forward(Tensor.ones(1, 3, 1, 1))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("BatchNorm2d: ")
        .hasMessageContaining("xpected more than 1 value per channel when training");
    assertThat(bn.runningMean().toFloats()).containsOnly(0);
    assertThat(bn.stateDict().get("num_batches_tracked").toLongs()).containsExactly(0);
    bn.eval();
    assertThat(bn.forward(Tensor.ones(1, 3, 1, 1)).shape().dims()).containsExactly(1, 3, 1, 1);
    assertThatThrownBy(() -> bn.forward(Tensor.ones(2, 3)))
        .hasMessage("BatchNorm2d: expected (N, C, H, W), got shape (2, 3)");
    assertThatThrownBy(() -> new BatchNorm1d(3).forward(Tensor.ones(2, 3, 4, 4))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new BatchNorm1d(3).forward(Tensor.ones(2, 4))).isInstanceOf(ShapeException.class);
  }

  @Test
  void badOptionsAreRefused() {
    refused(() -> new Linear(0, 3), "Linear: in must be at least 1, got 0");
    refused(() -> new Linear(3, -1), "Linear: out must be at least 1, got -1");
    refused(() -> new Conv2d(0, 3, 3), "Conv2d: in must be at least 1");
    refused(() -> new BatchNorm2d(0), "BatchNorm2d: features must be at least 1");
    refused(() -> new BatchNorm2d(3).momentum(Double.NaN), "BatchNorm2d: momentum");
    refused(() -> new BatchNorm2d(3).momentum(-0.1), "BatchNorm2d: momentum");
    refused(() -> new BatchNorm2d(3).eps(-1), "BatchNorm2d: eps");
    refused(() -> new LeakyReLU(Double.NaN), "LeakyReLU: slope");
    assertThatThrownBy(() -> new Conv2d(1, 1, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new Linear(Integer.MAX_VALUE, Integer.MAX_VALUE)).isInstanceOf(ShapeException.class);
  }

  private static void refused(Supplier<Layer> make, String message) {
    assertThatThrownBy(make::get).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
  }

  @Test
  void printAsPyTorch() {
    assertThat(new Linear(3136, 10)).hasToString("Linear(in_features=3136, out_features=10, bias=True)");
    assertThat(new Linear(2, 1).bias(false)).hasToString("Linear(in_features=2, out_features=1, bias=False)");
    assertThat(new Conv2d(4, 8, Window.of(3, 5).stride(2).dilation(2)).groups(2).bias(false)).hasToString(
        "Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 2), dilation=(2, 2), groups=2, bias=False)");
    assertThat(new MaxPool2d(2)).hasToString(
        "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
    assertThat(new MaxPool2d(Window.of(3, 2).stride(2).pad(1).ceilMode(true))).hasToString(
        "MaxPool2d(kernel_size=(3, 2), stride=2, padding=1, dilation=1, ceil_mode=True)");
    assertThat(new AvgPool2d(3)).hasToString("AvgPool2d(kernel_size=3, stride=3, padding=0)");
    assertThat(new BatchNorm1d(7).momentum(null).eps(1e-3).affine(false)).hasToString(
        "BatchNorm1d(7, eps=0.001, momentum=None, affine=False, track_running_stats=True)");
    assertThat(new Dropout(0.3)).hasToString("Dropout(p=0.3, inplace=False)");
    assertThat(new LeakyReLU()).hasToString("LeakyReLU(negative_slope=0.01)");
    assertThat(new Softmax(-1)).hasToString("Softmax(dim=-1)");
    assertThat(BuiltIn.python(1.5e-7)).isEqualTo("1.5e-07");
    assertThat(BuiltIn.python(1)).isEqualTo("1.0");
    assertThat(BuiltIn.python(0)).isEqualTo("0.0");
    assertThat(BuiltIn.python(-2e20)).isEqualTo("-2e+20");
  }
}
