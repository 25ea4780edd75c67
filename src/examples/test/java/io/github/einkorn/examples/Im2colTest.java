package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The lecture's convolution and pooling against loops in double. */
class Im2colTest {
  private static final int[][] STRIDES_AND_PADS = {{1, 0}, {2, 0}, {1, 1}, {2, 1}, {3, 2}};
  private static final int N = 2;
  private static final int C = 3;
  private static final int H = 7;
  private static final int W = 9;
  private Scope scope;

  @BeforeEach
  void open() {
    Einkorn.seed(4);
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** An image with what lies around it. */
  private record Padded(float[] values, double around) {
    static Padded of(Tensor x, double around) {
      return new Padded(x.toFloats(), around);
    }

    double at(int n, int c, int y, int x) {
      return y < 0 || y >= H || x < 0 || x >= W ? around : values[((n * C + c) * H + y) * W + x];
    }
  }

  private static int out(int in, int kernel, int stride, int pad) {
    return (in + 2 * pad - kernel) / stride + 1;
  }

  @Test
  void rowsAreTheWindowsOneAfterTheOther() {
    Tensor x = Tensor.randn(N, C, H, W);
    Padded image = Padded.of(x, 0);
    for (int[] sp : STRIDES_AND_PADS) {
      int stride = sp[0];
      int pad = sp[1];
      float[] rows = Functional.im2col(x, Window.of(3, 2).stride(stride).pad(pad)).toFloats();
      int i = 0;
      for (int n = 0; n < N; n++) {
        for (int oy = 0; oy < out(H, 3, stride, pad); oy++) {
          for (int ox = 0; ox < out(W, 2, stride, pad); ox++) {
            for (int c = 0; c < C; c++) {
              for (int ky = 0; ky < 3; ky++) {
                for (int kx = 0; kx < 2; kx++) {
                  double there = image.at(n, c, oy * stride - pad + ky, ox * stride - pad + kx);
                  assertThat((double) rows[i++]).isEqualTo(there);
                }
              }
            }
          }
        }
      }
      assertThat(rows).hasSize(i);
    }
  }

  @Test
  void col2imIsTheAdjoint() {
    for (int[] sp : STRIDES_AND_PADS) {
      var window = Window.of(3, 2).stride(sp[0]).pad(sp[1]);
      Tensor x = Tensor.randn(N, C, H, W);
      Tensor rows = Functional.im2col(x, window);
      Tensor y = Tensor.randn(rows.shape().dims());
      Tensor back = Functional.col2im(y, x.shape().dims(), window);
      assertThat(dot(rows, y)).isCloseTo(dot(x, back), within(1e-6 * Math.sqrt(dot(rows, rows) * dot(y, y))));
    }
  }

  private static double dot(Tensor a, Tensor b) {
    float[] x = a.toFloats();
    float[] y = b.toFloats();
    double sum = 0;
    for (int i = 0; i < x.length; i++) sum += (double) x[i] * y[i];
    return sum;
  }

  @Test
  void convolutionIsThatOfLoops() {
    Tensor x = Tensor.randn(N, C, H, W);
    Tensor w = Tensor.randn(4, C, 3, 2);
    Tensor b = Tensor.randn(4);
    float[] filters = w.toFloats();
    float[] biases = b.toFloats();
    Padded image = Padded.of(x, 0);
    for (int[] sp : STRIDES_AND_PADS) {
      int stride = sp[0];
      int pad = sp[1];
      int outH = out(H, 3, stride, pad);
      int outW = out(W, 2, stride, pad);
      Tensor y = Im2col.convolution(x, w, b, stride, pad);
      assertThat(y.shape().dims()).containsExactly(N, 4, outH, outW);
      float[] values = y.toFloats();
      for (int i = 0; i < values.length; i++) {
        int ox = i % outW;
        int oy = i / outW % outH;
        int f = i / outW / outH % 4;
        int n = i / outW / outH / 4;
        double sum = biases[f];
        for (int c = 0; c < C; c++) {
          for (int ky = 0; ky < 3; ky++) {
            for (int kx = 0; kx < 2; kx++) {
              sum += filters[((f * C + c) * 3 + ky) * 2 + kx] * image.at(n, c, oy * stride - pad + ky,
                  ox * stride - pad + kx);
            }
          }
        }
        assertThat((double) values[i]).isCloseTo(sum, within(1e-5));
      }
    }
  }

  /** All values are negative: padding of zeros would win. */
  @Test
  void paddingCountsInPoolingAndNeverWins() {
    Tensor x = Tensor.rand(N, C, H, W).sub(2);
    Padded image = Padded.of(x, Double.NEGATIVE_INFINITY);
    for (int[] sp : STRIDES_AND_PADS) {
      int stride = sp[0];
      int pad = Math.min(sp[1], 1);
      int outH = out(H, 3, stride, pad);
      int outW = out(W, 3, stride, pad);
      Tensor y = Im2col.pooling(x, 3, stride, pad);
      assertThat(y.shape().dims()).containsExactly(N, C, outH, outW);
      float[] values = y.toFloats();
      for (int i = 0; i < values.length; i++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int ky = 0; ky < 3; ky++) {
          for (int kx = 0; kx < 3; kx++) {
            most = Math.max(most, image.at(i / outW / outH / C, i / outW / outH % C,
                i / outW % outH * stride - pad + ky, i % outW * stride - pad + kx));
          }
        }
        assertThat((double) values[i]).isEqualTo(most);
      }
    }
  }

  /** (x * k)(i, j) = Σ x(i + h - 1 - a, j + w - 1 - b) k(a, b), the window being h × w. */
  @Test
  void aFlippedFilterConvolves() {
    Tensor x = Tensor.randn(1, 1, 5, 6);
    Tensor k = Tensor.randn(1, 1, 2, 3);
    float[] image = x.toFloats();
    float[] filter = k.toFloats();
    float[] y = Functional.conv2d(x, Im2col.flip(k), null, Window.of(2, 3)).toFloats();
    assertThat(y).hasSize(4 * 4);
    for (int i = 0; i < y.length; i++) {
      double sum = 0;
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 3; b++) sum += image[(i / 4 + 1 - a) * 6 + i % 4 + 2 - b] * (double) filter[a * 3 + b];
      }
      assertThat((double) y[i]).isCloseTo(sum, within(1e-5));
    }
  }

  @Test
  void aWindowLargerThanTheImageIsRefused() {
    assertThatThrownBy(() -> Im2col.pooling(Tensor.ones(1, 1, 2, 9), 3, 1, 0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Im2col.convolution(Tensor.ones(1, 1, 2, 9), Tensor.ones(1, 1, 3, 3), Tensor.ones(1), 1, 0))
        .isInstanceOf(ShapeException.class);
  }
}
