package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;

class WindowTest {
  @Test
  void roundsDownAsPyTorch() {
    assertThat(Window.of(3).pad(1).height().out(28)).isEqualTo(28);
    assertThat(Window.of(5).height().out(28)).isEqualTo(24);
    assertThat(Window.of(7).pad(3).stride(2).height().out(224)).isEqualTo(112);
    assertThat(Window.of(11).pad(2).stride(4).height().out(224)).isEqualTo(55);
    assertThat(Window.of(3).dilation(2).height().out(7)).isEqualTo(3);
  }

  @Test
  void ceilModeStartsEveryWindowInsideTheInput() {
    assertThat(Window.of(3).stride(2).ceilMode(true).height().out(112)).isEqualTo(56); // SqueezeNet's pools
    assertThat(Window.of(3).stride(2).height().out(112)).isEqualTo(55);
    // not 4: it would start in padding
    assertThat(Window.of(2).stride(2).pad(1).ceilMode(true).height().out(5)).isEqualTo(3);
    assertThat(Window.of(1).stride(3).ceilMode(true).height().out(5)).isEqualTo(2);
  }

  @Test
  void samePaddingIsThatOfTensorFlow() {
    Window.Axis a = Window.same(3).stride(2).height();
    assertThat(new int[] {a.out(224), a.before(224), a.after(224)}).containsExactly(112, 0, 1);
    assertThat(new int[] {a.out(7), a.before(7), a.after(7)}).containsExactly(4, 1, 1);
    Window.Axis even = Window.same(2).height();
    assertThat(new int[] {even.out(28), even.before(28), even.after(28)}).containsExactly(28, 0, 1);
    Window.Axis sparse = Window.same(1).stride(3).height();
    assertThat(new int[] {sparse.out(7), sparse.before(7)}).containsExactly(3, 0);
    assertThat(Window.same(2).pooling().height().out(7)).isEqualTo(4);
    assertThat(Window.valid(3).width().out(7)).isEqualTo(5);
  }

  @Test
  void strictModeRefusesARest() {
    assertThat(Window.of(3).stride(2).strict().height().out(7)).isEqualTo(3);
    assertThatThrownBy(() -> Window.of(3).stride(2).strict().height().out(8)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("not an integer");
  }

  @Test
  void theStrideDependsOnTheUse() {
    assertThat(Window.of(2).pooling().height().stride()).isEqualTo(2);
    assertThat(Window.of(2).convolution().height().stride()).isEqualTo(1);
    assertThat(Window.of(2).stride(1).pooling().height().stride()).isEqualTo(1);
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> Window.of(0)).isInstanceOf(ShapeException.class).hasMessageContaining("kernel");
    assertThatThrownBy(() -> Window.of(3).stride(0)).isInstanceOf(ShapeException.class).hasMessageContaining("stride");
    assertThatThrownBy(() -> Window.of(3).pad(-1)).isInstanceOf(ShapeException.class).hasMessageContaining("padding");
    assertThatThrownBy(() -> Window.of(3).dilation(0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("dilation");
    assertThatThrownBy(() -> Window.of(5).height().out(4)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("does not fit");
    assertThatThrownBy(() -> Window.of(Integer.MAX_VALUE).dilation(Integer.MAX_VALUE).height().out(4))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Window.of(1).pad(Integer.MAX_VALUE).height().out(Integer.MAX_VALUE))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Window.same(3).pad(1)).isInstanceOf(ShapeException.class);
  }

  @Test
  void numbersAreAtMost2To28() {
    int most = 1 << 28;
    assertThatThrownBy(() -> Window.of(3).pad(most + 1)).isInstanceOf(ShapeException.class)
        .hasMessage("Window: the padding must be at most 268435456, got 268435457");
    assertThatThrownBy(() -> Window.of(most + 1)).isInstanceOf(ShapeException.class).hasMessageContaining("kernel");
    assertThatThrownBy(() -> Window.of(3).stride(1 << 30)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("stride");
    assertThatThrownBy(() -> Window.of(3).dilation(1 << 30)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("dilation");
    assertThatThrownBy(() -> Window.of(1).pad(most / 2).width().out(1)).isInstanceOf(ShapeException.class)
        .hasMessage("an input of width 1 padded to 268435457, which must be at most 268435456");
    assertThatThrownBy(() -> Window.same(9).dilation(most - 1).width().in(8, 0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("padded to 2147483648");
    assertThat(Window.of(3).dilation(65536)).hasToString("kernel_size=(3, 3), stride=(1, 1), dilation=(65536, 65536)");
    assertThatThrownBy(() -> Functional.maxPool2d(Tensor.ones(1, 1, 1, 1), Window.of(65536).pad(65535)))
        .isInstanceOf(ShapeException.class).hasMessage("maxPool2d: a window of 4294967296 elements, more than 2^24");
    var pooled = new Sequential(new Conv2d(1, 6, 3), new MaxPool2d(Window.of(4097).stride(4096).pad(4096)));
    assertThatThrownBy(() -> pooled.forward(Tensor.ones(4, 1, 8, 8))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("maxPool2d: a window of 16785409 elements, more than 2^24");
    assertThat(Functional.avgPool2d(Tensor.ones(1, 1, 1, 1), Window.of(65536).stride(1 << 20).pad(65535), true).item())
        .isEqualTo(1 / 4294967296f);
    assertThat(Window.of(2).stride(most).pad(most / 2 - 1).width().out(2)).isEqualTo(1);
  }

  @Test
  void windowsFarOutSeeThePaddingAlone() {
    Window far = Window.of(1).stride(1 << 27).pad(1 << 26, 1);
    try (var scope = new Scope()) {
      Tensor x = Tensor.ones(1, 1, 1, 2).requiresGrad(true), y = Functional.conv2d(x, Tensor.ones(1, 1, 1, 1),
          Tensor.ones(1), far.stride(1 << 27, 1));
      assertThat(y.toFloats()).containsExactly(1, 1, 1, 1, 1, 1, 1, 1);
      y.sum().backward();
      assertThat(x.grad().toFloats()).containsExactly(0, 0);
    }
  }

  @Test
  void printsAsPyTorch() {
    assertThat(Window.of(3).pad(1)).hasToString("kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)");
    assertThat(Window.of(2).pooling()).hasToString("kernel_size=(2, 2), stride=(2, 2)");
    assertThat(Window.same(5).dilation(2))
        .hasToString("kernel_size=(5, 5), stride=(1, 1), padding=same, dilation=(2, 2)");
    assertThat(Window.of(3).pad(1)).isEqualTo(Window.of(3, 3).pad(1, 1)).isNotEqualTo(Window.of(3));
  }
}
