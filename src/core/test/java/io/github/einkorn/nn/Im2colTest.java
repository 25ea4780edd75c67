package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class Im2colTest {
  private static final Window[] WINDOWS = {
    Window.of(3), Window.of(5).pad(2), Window.of(3, 2).stride(2, 3).pad(1), Window.same(4).stride(2),
    Window.of(2, 3).dilation(3, 2).pad(0, 1, 1, 2), Window.of(1).pad(2)
  };

  @BeforeEach
  void seed() {
    Einkorn.seed(8);
  }

  private static Tensor integers(int... shape) {
    return Tensor.rand(shape).mul(9).to(DType.INT64).to(DType.FLOAT32).sub(4);
  }

  private static double dot(Tensor a, Tensor b) {
    double sum = 0;
    float[] x = a.toFloats(), y = b.toFloats();
    for (int i = 0; i < x.length; i++) sum += (double) x[i] * y[i];
    return sum;
  }

  @Test
  void shapesAndElementsOfTheLecture() {
    assertThat(Functional.im2col(Tensor.rand(1, 3, 7, 7), Window.of(5)).shape().dims()).containsExactly(9, 75);
    assertThat(Functional.im2col(Tensor.rand(10, 3, 7, 7), Window.of(5)).shape().dims()).containsExactly(90, 75);
    assertThat(Functional.unfold(Tensor.rand(10, 3, 7, 7), Window.of(5)).shape().dims()).containsExactly(10, 75, 9);
    assertThat(Functional.unfold(Tensor.rand(3, 7, 7), Window.of(5)).shape().dims()).containsExactly(75, 9);
    Tensor x = Tensor.arange(0, 18, 1).reshape(1, 2, 3, 3);
    Tensor rows = Functional.im2col(x, Window.of(2));
    assertThat(rows.select(0, 0).toFloats()).containsExactly(0, 1, 3, 4, 9, 10, 12, 13);
    assertThat(rows.select(0, 1).toFloats()).containsExactly(1, 2, 4, 5, 10, 11, 13, 14);
    assertThat(rows.select(0, 2).toFloats()).containsExactly(3, 4, 6, 7, 12, 13, 15, 16);
    assertThat(Functional.unfold(x, Window.of(2)).squeeze(0).t().toFloats()).isEqualTo(rows.toFloats());
    // each element as often as there are windows over it
    assertThat(Functional.col2im(Tensor.ones(4, 4), new int[] {1, 1, 3, 3}, Window.of(2)).toFloats())
        .containsExactly(1, 2, 1, 2, 4, 2, 1, 2, 1);
  }

  @Test
  void col2imIsTheAdjointAndTheGradient() {
    for (Window window : WINDOWS) {
      Tensor x = integers(2, 3, 9, 8).requiresGrad(true), rows = Functional.im2col(x, window);
      Tensor y = integers(rows.shape().dims()).requiresGrad(true);
      Tensor back = Functional.col2im(y, new int[] {2, 3, 9, 8}, window);
      assertThat(dot(rows, y)).as(window.toString()).isEqualTo(dot(x, back));
      rows.backward(y.detach());
      assertThat(x.grad().toFloats()).isEqualTo(back.toFloats());
      back.backward(x.detach());
      assertThat(y.grad().toFloats()).isEqualTo(rows.toFloats());
    }
  }

  @Test
  void convolutionIsAProductWithTheRows() {
    for (Window window : WINDOWS) {
      Tensor x = Tensor.randn(2, 3, 9, 8);
      int kh = window.height().kernel(), kw = window.width().kernel();
      Tensor w = Tensor.randn(4, 3, kh, kw), y = Functional.conv2d(x, w, null, window);
      Tensor product = Functional.im2col(x, window).matmul(w.reshape(4, -1).t());
      Tensor images = product.reshape(2, y.dim(2), y.dim(3), 4).permute(0, 3, 1, 2);
      assertThat(images.shape()).isEqualTo(y.shape());
      assertThat(images.toFloats()).as(window.toString()).containsExactly(y.toFloats(), within(1e-3f));
    }
  }

  @Test
  void layersPrintAsPyTorch() {
    var unfold = new Unfold(Window.of(2, 3).stride(2).pad(1));
    assertThat(unfold).hasToString("Unfold(kernel_size=(2, 3), dilation=1, padding=1, stride=2)");
    var fold = new Fold(5, 7, 3);
    assertThat(fold).hasToString("Fold(output_size=(5, 7), kernel_size=3, dilation=1, padding=0, stride=1)");
    assertThat(unfold.forward(Tensor.ones(2, 3, 4, 5)).shape().dims()).containsExactly(2, 18, 9);
    assertThat(fold.forward(Tensor.ones(2, 18, 15)).shape().dims()).containsExactly(2, 2, 5, 7);
    assertThat(fold.predict(Tensor.ones(18, 15)).shape().dims()).containsExactly(2, 5, 7);
    assertThatThrownBy(() -> new Fold(0, 7, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Fold: height must be at least 1, got 0");
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> Functional.im2col(Tensor.ones(1, 3, 4, 9), Window.of(5)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("unfold: a window of height 5 does not fit an input of height 4, in shape (1, 3, 4, 9)");
    assertThatThrownBy(() -> Functional.fold(Tensor.ones(1, 8, 9), 5, 5, Window.of(3)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("fold: expected a multiple of 9 rows, the taps of a window, got 8 in shape (1, 8, 9)");
    assertThatThrownBy(() -> Functional.fold(Tensor.ones(1, 18, 8), 5, 5, Window.of(3)))
        .hasMessage("fold: expected shape (1, 18, 9) for images of 5 x 5, got (1, 18, 8)");
    assertThatThrownBy(() -> Functional.col2im(Tensor.ones(9, 74), new int[] {1, 3, 7, 7}, Window.of(5)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("col2im: expected 9 rows of 75 for images of shape (1, 3, 7, 7), got shape (9, 74)");
    assertThatThrownBy(() -> Functional.col2im(Tensor.ones(9, 75), new int[] {3, 7, 7}, Window.of(5)))
        .isInstanceOf(ShapeException.class);
  }
}
