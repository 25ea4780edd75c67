package io.github.einkorn.ops;

import static io.github.einkorn.ops.OpCases.each;
import static io.github.einkorn.ops.OpCases.op;

import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import io.github.einkorn.ops.Reference.Win;
import java.util.Arrays;
import java.util.List;

/** Rows of {@link OpCases} beyond the basic layers: gates, normalizations, embeddings, windows as columns. */
final class LayerRows {
  private LayerRows() {}

  static List<OpCase> activations() {
    return List.of(
        each("elu", x -> x.elu(0.75), x -> x > 0 ? x : 0.75 * Math.expm1(x)).awayFrom(0).range(-9, 4).settings(0.75),
        each("gelu", Tensor::gelu, x -> x * (0.5 + normal(x))).range(-6, 6).settings(0),
        each("gelu: tanh", Functional::geluTanh,
            x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))).says("gelu")
            .range(-6, 6).settings(1),
        each("silu", Tensor::silu, x -> x / (1 + Math.exp(-x))).range(-12, 12),
        each("step", Tensor::step, x -> x > 0 ? 1 : 0).awayFrom(0));
  }

  /** The share of N(0, 1) between 0 and x, by its Taylor series: Σ (-1)^n x^(2n+1) / (n! 2^n (2n+1)) / √(2π). */
  private static double normal(double x) {
    double term = x, sum = 0;
    for (int n = 0; n < 200; n++) {
      sum += term / (2 * n + 1);
      term *= -x * x / (2 * (n + 1));
    }
    return sum / Math.sqrt(2 * Math.PI);
  }

  static List<OpCase> norms() {
    String images = "100x96x27x27:last";
    return List.of(
        op("layerNorm", t -> Functional.layerNorm(t[0], t[1].shape().dims(), t[1], t[2], 1e-5),
            x -> layerNorm(x[0], x[1].shape().length, x[1], x[2], 1e-5)).within(1e-5)
            .shapes("3,3,3", "1x7,7,7", "9x64,64,64", "31x8,8,8", "2x3x5,3x5,3x5", "2x3x5x7,7,7", "2x3x5x7,3x5x7,3x5x7",
                "1x13x3x3,3x3,3x3", "2x1000,1000,1000")
            .bad("3x7,3,3", "7,3x7,3x7", "3x7,7,1x7", "2x3x5x7,3x7,3x7").bench("1000x768,768,768").settings(1e-5, 1)
            .flops(3, (t, y) -> 7.0 * y.size()),
        op("layerNorm: plain",
            t -> Functional.layerNorm(t[0], new int[] {t[0].dim(-2), t[0].dim(-1)}, null, null, 1e-3),
            x -> layerNorm(x[0], 2, null, null, 1e-3)).says("layerNorm").within(1e-5)
            .shapes("3x7", "2x3x5x7", "1x8x3x3").bench("100x32x28x28").settings(1e-3, 2)
            .flops(3, (t, y) -> 7.0 * y.size()),
        op("localResponseNorm", t -> Functional.localResponseNorm(t[0], 5, 0.5, 0.75, 1),
            x -> responseNorm(x[0], 2, 2, 0.1, 0.75, 1)).within(4e-6)
            .shapes("3x7", "2x13x5", "1x1x1x1", "2x3x5x7", "1x8x3x3", "3x96x2x2").bad("7", "1x2x3x4x5")
            .bench(images).settings(2, 2, 0.1, 0.75, 1).flops(3, (t, y) -> 14.0 * y.size()),
        op("localResponseNorm: even size", t -> Functional.localResponseNorm(t[0], 4, 0.5, 0.6, 2),
            x -> responseNorm(x[0], 2, 1, 0.125, 0.6, 2)).says("localResponseNorm").within(4e-6)
            .shapes("3x7", "2x3x5x7", "1x13x3x3").bench(images).settings(2, 1, 0.125, 0.6, 2)
            .flops(3, (t, y) -> 14.0 * y.size()),
        op("localResponseNorm: radius", t -> Functional.lrn(t[0], 2, 0.25, 0.75, 1),
            x -> responseNorm(x[0], 2, 2, 0.25, 0.75, 1)).says("lrn").within(4e-6)
            .shapes("3x7", "2x3x5x7", "1x13x3x3").bad("7").bench(images).settings(2, 2, 0.25, 0.75, 1)
            .flops(3, (t, y) -> 14.0 * y.size()));
  }

  /** Over the last dimensions, so many of them. */
  private static Nd layerNorm(Nd x, int dims, Nd gamma, Nd beta, double eps) {
    int rank = x.shape().length, n = Nd.size(Arrays.copyOfRange(x.shape(), rank - dims, rank));
    Nd y = x.copy();
    for (int at = 0; at < y.v().length; at += n) {
      double[] row = Arrays.copyOfRange(x.v(), at, at + n);
      double mean = Arrays.stream(row).average().orElseThrow();
      double var = Arrays.stream(row).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      for (int j = 0; j < n; j++) {
        double xhat = (row[j] - mean) / Math.sqrt(var + eps);
        y.v()[at + j] = gamma == null ? xhat : xhat * gamma.v()[j] + beta.v()[j];
      }
    }
    return y;
  }

  private static Nd responseNorm(Nd x, int before, int after, double alpha, double beta, double k) {
    return Nd.of(x.shape(), i -> {
      double sum = 0;
      int[] j = i.clone();
      for (j[1] = Math.max(0, i[1] - before); j[1] <= Math.min(i[1] + after, x.shape()[1] - 1); j[1]++) {
        sum += x.at(j) * x.at(j);
      }
      return x.at(i) / Math.pow(k + alpha * sum, beta);
    });
  }

  static List<OpCase> columns() {
    Window uneven = Window.of(2, 3).stride(2, 1).dilation(1, 2).pad(0, 1, 1, 2);
    Win unevenWin = new Win(2, 3, 2, 1, 1, 2, 0, 1, 1, 2, false);
    return List.of(
        op("embedding", t -> Functional.embedding(t[1], t[0]), x -> rows(x[0], x[1])).exact()
            .shapes("7x3,scalar:i7", "3x7,9:i3", "5x8,2x3:i5", "1x1,4:i1", "13x64,2x3x4x5:i13")
            .bad("3,2:i3", "2x3x4,2:i2").bench("10000x128,64x50:i10000"),
        op("unfold", t -> Functional.unfold(t[0], Window.of(3).pad(1)), x -> unfold(x[0], Win.of(3, 1, 1))).exact()
            .shapes("1x1x1x1", "2x3x5x7", "1x8x9x9").bad("3x7").bench("20x32x28x28")
            .settings(3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
        op("unfold: uneven", t -> Functional.unfold(t[0], uneven), x -> unfold(x[0], unevenWin)).says("unfold").exact()
            .shapes("2x3x7x8", "1x13x3x5").bad("2x3x1x1").bench("20x32x28x28").settings(2, 3, 2, 1, 1, 2, 0, 1, 1, 2),
        op("unfold: im2col", t -> Functional.im2col(t[0], Window.of(5)), x -> im2col(x[0], Win.of(5, 1, 0)))
            .says("unfold").exact().shapes("1x3x7x7", "10x3x7x7", "2x1x5x9").bad("3x7x7", "1x3x4x7")
            .bench("100x1x28x28").javaOnly("unfold, then permute"),
        op("fold", t -> Functional.fold(t[0], 5, 7, Window.of(3).pad(1)), x -> fold(x[0], 5, 7, Win.of(3, 1, 1)))
            .exact().shapes("1x9x35", "2x27x35").bad("2x8x35", "2x27x34", "2x3x9x35").bench("100x288x35")
            .settings(3, 3, 1, 1, 1, 1, 1, 1, 1, 1),
        op("fold: uneven", t -> Functional.fold(t[0], 7, 8, uneven), x -> fold(x[0], 7, 8, unevenWin)).says("fold")
            .exact().shapes("2x18x28").bench("100x192x28").settings(2, 3, 2, 1, 1, 2, 0, 1, 1, 2),
        op("fold: col2im", t -> Functional.col2im(t[0], new int[] {2, 3, 7, 7}, Window.of(5)),
            x -> fold(x[0].reshape(2, 9, 75).permute(0, 2, 1), 7, 7, Win.of(5, 1, 0))).says("col2im").exact()
            .shapes("18x75").bad("18x74", "9x75", "2x9x75").bench("18x75").javaOnly("permute, then fold"));
  }

  private static Nd rows(Nd table, Nd index) {
    int[] to = Arrays.copyOf(index.shape(), index.shape().length + 1);
    to[to.length - 1] = table.shape()[1];
    return Nd.of(to, i -> table.at((int) index.at(Arrays.copyOf(i, i.length - 1)), i[i.length - 1]));
  }

  /** Called for every tap inside the image, which lies in a row and at a place of the columns. */
  private interface Tap {
    void at(int row, int place, int channel, int y, int x);
  }

  private static void taps(Win k, int channels, int h, int w, Tap f) {
    int oh = k.outH(h), ow = k.outW(w);
    for (int c = 0, row = 0; c < channels; c++) {
      for (int i = 0; i < k.kh(); i++) {
        for (int j = 0; j < k.kw(); j++, row++) {
          for (int p = 0; p < oh; p++) {
            for (int q = 0; q < ow; q++) {
              int y = p * k.sh() + i * k.dh() - k.top(), x = q * k.sw() + j * k.dw() - k.left();
              if (y >= 0 && y < h && x >= 0 && x < w) f.at(row, p * ow + q, c, y, x);
            }
          }
        }
      }
    }
  }

  private static Nd unfold(Nd x, Win k) {
    int n = x.shape()[0], c = x.shape()[1], h = x.shape()[2], w = x.shape()[3];
    Nd y = Nd.zeros(n, c * k.kh() * k.kw(), k.outH(h) * k.outW(w));
    for (int i = 0; i < n; i++) {
      int image = i;
      taps(k, c, h, w, (row, place, ch, p, q) -> y.add(x.at(image, ch, p, q), image, row, place));
    }
    return y;
  }

  private static Nd fold(Nd y, int h, int w, Win k) {
    int n = y.shape()[0], c = y.shape()[1] / (k.kh() * k.kw());
    Nd x = Nd.zeros(n, c, h, w);
    for (int i = 0; i < n; i++) {
      int image = i;
      taps(k, c, h, w, (row, place, ch, p, q) -> x.add(y.at(image, row, place), image, ch, p, q));
    }
    return x;
  }

  /** The lecture's: a row for each place of each image. */
  private static Nd im2col(Nd x, Win k) {
    Nd y = unfold(x, k).permute(0, 2, 1);
    return y.reshape(y.shape()[0] * y.shape()[1], y.shape()[2]);
  }
}
