package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Layers of one dimension, and transposed convolutions; the sums they compute are rows of OpCases. */
@ExtendWith(InScope.class)
class ConvolutionTest {
  private static int[] shape(Layer l, int... in) {
    return l.forward(Tensor.randn(in)).shape().dims();
  }

  @Test
  void shapesOfLines() {
    assertThat(shape(new Conv1d(3, 5, 3), 2, 3, 9)).containsExactly(2, 5, 7);
    assertThat(shape(new Conv1d(3, 5, Window.same(3)), 2, 3, 9)).containsExactly(2, 5, 9);
    assertThat(shape(new Conv1d(4, 6, Window.of(3).pad(1).stride(2)).groups(2), 2, 4, 9)).containsExactly(2, 6, 5);
    assertThat(shape(new Conv1d(3, 5, 3), 3, 9)).containsExactly(5, 7);
    assertThat(shape(new MaxPool1d(2), 2, 3, 9)).containsExactly(2, 3, 4);
    assertThat(shape(new MaxPool1d(Window.of(3).stride(1).pad(1)), 2, 3, 9)).containsExactly(2, 3, 9);
    assertThat(shape(new AvgPool1d(4), 3, 9)).containsExactly(3, 2);
    assertThat(new Conv1d(3, 5, 3).predict(Tensor.randn(3, 9)).shape().dims()).containsExactly(5, 7);
  }

  @Test
  void aLineIsComputedByHand() {
    var conv = new Conv1d(1, 1, 2);
    conv.weight().copyInPlace(Tensor.of(new float[] {2, -1}, 1, 1, 2));
    conv.bias().fillInPlace(10);
    Tensor x = Tensor.of(new float[] {1, 2, 5, 3}, 1, 1, 4);
    assertThat(conv.forward(x).toFloats()).containsExactly(10, 9, 17);
    assertThat(new MaxPool1d(2).forward(x).toFloats()).containsExactly(2, 5);
    assertThat(new AvgPool1d(2).forward(x).toFloats()).containsExactly(1.5f, 4);
    var padded = Window.of(2).stride(4).pad(1);
    assertThat(new AvgPool1d(padded).forward(x).toFloats()).containsExactly(0.5f, 1.5f);
    assertThat(new AvgPool1d(padded).countIncludePad(false).forward(x).toFloats()).containsExactly(1, 3);
  }

  @Test
  void statesAreThoseOfPyTorch() {
    var conv = new Conv1d(4, 6, 3).groups(2);
    assertThat(conv.stateDict().keySet()).containsExactly("weight", "bias");
    assertThat(conv.weight().shape().dims()).containsExactly(6, 2, 3);
    assertThat(conv.bias(false).stateDict().keySet()).containsExactly("weight");
    var transposed = new ConvTranspose2d(4, 6, Window.of(3, 5)).groups(2);
    assertThat(transposed.weight().shape().dims()).containsExactly(4, 3, 3, 5);
    assertThat(transposed.bias().shape().dims()).containsExactly(6);
    assertUniform(new Conv1d(100, 50, 9).weight(), 1 / Math.sqrt(900));
    assertUniform(new ConvTranspose2d(50, 100, 3).weight(), 1 / Math.sqrt(900));
    assertUniform(new ConvTranspose2d(50, 100, 3).bias(), 1 / Math.sqrt(900));
  }

  private static void assertUniform(Tensor t, double bound) {
    float largest = t.abs().max().item();
    assertThat(largest).isBetween((float) (0.9 * bound), (float) bound);
  }

  @Test
  void printAsPyTorch() {
    assertThat(new Conv1d(3, 5, 3)).hasToString("Conv1d(3, 5, kernel_size=(3,), stride=(1,))");
    assertThat(new Conv1d(4, 6, Window.of(3).pad(1).stride(2).dilation(2)).groups(2).bias(false)).hasToString(
        "Conv1d(4, 6, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, bias=False)");
    assertThat(new Conv1d(4, 6, Window.same(3))).hasToString("Conv1d(4, 6, kernel_size=(3,), stride=(1,), "
        + "padding=same)");
    assertThat(new Conv1d(1, 1, Window.of(3).pad(2, 2, 0, 0))).hasToString(
        "Conv1d(1, 1, kernel_size=(3,), stride=(1,), padding=(2, 0))");
    assertThat(new MaxPool1d(2)).hasToString(
        "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
    assertThat(new MaxPool1d(Window.of(3).stride(2).pad(1).ceilMode(true))).hasToString(
        "MaxPool1d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=True)");
    assertThat(new AvgPool1d(3)).hasToString("AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))");
    assertThat(new AvgPool1d(Window.of(3).pad(1))).hasToString(
        "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(1,))");
    assertThat(new ConvTranspose2d(3, 5, 2)).hasToString("ConvTranspose2d(3, 5, kernel_size=(2, 2), stride=(1, 1))");
    assertThat(new ConvTranspose2d(4, 6, Window.of(3).stride(2).pad(1)).outputPadding(1).groups(2).bias(false))
        .hasToString("ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), "
            + "groups=2, bias=False)");
  }

  @Test
  void transposedShapes() {
    assertThat(shape(new ConvTranspose2d(3, 5, Window.of(2).stride(2)), 2, 3, 7, 9)).containsExactly(2, 5, 14, 18);
    var window = Window.of(3).stride(2).pad(1);
    assertThat(shape(new ConvTranspose2d(3, 5, window), 2, 3, 7, 9)).containsExactly(2, 5, 13, 17);
    assertThat(shape(new ConvTranspose2d(3, 5, window).outputPadding(1, 0), 2, 3, 7, 9)).containsExactly(2, 5, 14, 17);
    assertThat(shape(new ConvTranspose2d(3, 5, Window.same(3).stride(2)), 2, 3, 7, 9)).containsExactly(2, 5, 14, 18);
    assertThat(shape(new ConvTranspose2d(3, 5, 3), 3, 7, 9)).containsExactly(5, 9, 11);
  }

  @Test
  void transposedIsTheAdjointOfTheConvolution() {
    var window = Window.of(3).stride(2).pad(1);
    var conv = new Conv2d(5, 3, window).bias(false); // (5, 8, 8) to (3, 4, 4)
    var back = new ConvTranspose2d(3, 5, window).outputPadding(1).bias(false);
    back.weight().copyInPlace(conv.weight());
    Tensor x = Tensor.randn(2, 5, 8, 8), y = Tensor.randn(2, 3, 4, 4);
    double there = conv.forward(x).mul(y).sum().item(), here = back.forward(y).mul(x).sum().item();
    assertThat(here).isCloseTo(there, within(1e-3));
  }

  @Test
  void reluBehindALineIsTheSame() {
    var net = new Sequential(new Conv1d(3, 4, 3), new ReLU());
    Tensor x = Tensor.randn(2, 3, 9);
    float[] fused = net.forward(x).toFloats();
    assertThat(fused).isEqualTo(net.get(0).forward(x).relu().toFloats()).contains(0);
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> new Conv1d(0, 1, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Conv1d: in must be at least 1, got 0");
    assertThatThrownBy(() -> new Conv1d(4, 6, 3).groups(3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Conv1d: groups must divide 4 and 6 channels, got 3");
    assertThatThrownBy(() -> new Conv1d(1, 1, Window.of(3, 5))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("the same in both directions", "Window.of(3).pad(1)");
    assertThatThrownBy(() -> new MaxPool1d(Window.of(2).stride(1, 2))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ConvTranspose2d(1, 1, 3).outputPadding(1)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("below the stride of 1, got 1");
    assertThatThrownBy(() -> new ConvTranspose2d(1, 1, Window.of(3).stride(2)).outputPadding(-1))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new ConvTranspose2d(1, 1, Window.of(1).pad(1)).forward(Tensor.ones(1, 1, 2, 2)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("ConvTranspose2d: convTranspose2d: an output height");
    assertThatThrownBy(() -> new Conv1d(3, 4, 5).forward(Tensor.ones(2, 3, 4))).isInstanceOf(ShapeException.class)
        .hasMessage("Conv1d: conv1d: a window of length 5 does not fit an input of length 4, in shape (2, 3, 4)");
    assertThatThrownBy(() -> new Conv1d(3, 4, 2).forward(Tensor.ones(2, 4, 4))).isInstanceOf(ShapeException.class)
        .hasMessage("Conv1d: conv1d: expected 3 input channels, got 4 in shape (2, 4, 4)");
    assertThatThrownBy(() -> new Conv1d(3, 4, 2).forward(Tensor.ones(2, 3, 4, 4))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected (N, C, L) or (C, L)");
  }

  @Test
  void ceilModeIsForPoolingAlone() {
    assertThatThrownBy(() -> new Conv2d(1, 1, Window.of(2).stride(2).ceilMode(true)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("ceilMode is for pooling");
    assertThatThrownBy(() -> Functional.conv2d(Tensor.ones(1, 1, 5, 5), Tensor.ones(1, 1, 2, 2), null,
        Window.of(2).stride(2).ceilMode(true))).isInstanceOf(ShapeException.class);
  }

  @Test
  void whatAnOptionMakesAnewIsFreed() {
    long before = Memory.used();
    var conv = new Conv2d(64, 64, 3);
    Tensor dense = conv.weight(), bias = conv.bias();
    conv.groups(64).bias(false);
    assertThat(Memory.used() - before).as("the weights of 64 groups").isLessThan(64 * 64 * 9 * 4 / 4);
    assertThat(bias.isClosed()).isTrue();
    assertThatThrownBy(dense::toFloats).isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("closed by an option of Conv2d");
    var rbf = new RBF(Tensor.ones(2, 3)).trainable(true).trainable(false);
    assertThat(rbf.weight().isClosed()).isFalse();
  }
}
