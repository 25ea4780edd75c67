package io.github.einkorn.ops;

import static io.github.einkorn.ops.OpCases.op;

import io.github.einkorn.Random;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import io.github.einkorn.ops.Reference.Win;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Rows of {@link OpCases}: what is a view of the convolutions and poolings, and images in other sizes. */
final class ImageCases {
  private static final ToDoubleBiFunction<Tensor[], Tensor> TRANSPOSED =
      (t, y) -> 2.0 * t[0].size() * t[1].size() / t[1].dim(0);

  private ImageCases() {}

  static List<OpCase> all() {
    return Stream.of(lines(), transposed(), pooled(), adaptive(), sizes()).flatMap(List::stream).toList();
  }

  // ---- one dimension ----

  private static OpCase conv1d(String name, Window window, int before, int after, int stride, int dilation,
      int groups) {
    return op("conv2d: line " + name, t -> Functional.conv1d(t[0], t[1], t.length > 2 ? t[2] : null, window, groups),
        x -> conv1d(x[0], x[1], x.length > 2 ? x[2] : null, before, after, stride, dilation, groups)).says("conv1d")
        .exact().within(1e-5).javaOnly("conv2d on images of one row");
  }

  private static Nd conv1d(Nd x, Nd w, Nd b, int before, int after, int stride, int dilation, int groups) {
    int l = x.shape()[2], o = w.shape()[0], c = w.shape()[1], k = w.shape()[2];
    int out = (l + before + after - dilation * (k - 1) - 1) / stride + 1;
    return Nd.of(new int[] {x.shape()[0], o, out}, i -> {
      double sum = b == null ? 0 : b.v()[i[1]];
      for (int t = 0; t < k; t++) {
        int at = i[2] * stride + t * dilation - before;
        for (int ch = 0; ch < c && at >= 0 && at < l; ch++) {
          sum += w.at(i[1], ch, t) * x.at(i[0], i[1] / (o / groups) * c + ch, at);
        }
      }
      return sum;
    });
  }

  private static Nd pool1d(Nd x, Win win, Function<Nd, Nd> pool) {
    int[] s = x.shape();
    Nd y = pool.apply(x.reshape(s[0], s[1], 1, s[2]));
    return y.reshape(s[0], s[1], y.shape()[3]);
  }

  private static List<OpCase> lines() {
    Win two = new Win(1, 2, 1, 2, 1, 1, 0, 0, 0, 0, false), ceil = new Win(1, 3, 1, 2, 1, 1, 0, 1, 0, 1, true);
    String[] odd = {"1x1x2", "2x3x7", "1x13x9", "3x8x16"};
    return List.of(
        conv1d("3", Window.of(3), 0, 0, 1, 1, 1).shapes("1x1x3,1x1x3,1", "2x3x9,5x3x3,5", "3x13x7,8x13x3")
            .bad("2x3x2,5x3x3,5", "2x4x9,5x3x3,5", "2x3x9,5x3x3,4", "9,5x3x3,5", "2x3x9,5x3x4,5", "2x3x9,5x3,5")
            .bench("100x32x128,32x32x3,32"),
        conv1d("same", Window.same(4), 1, 2, 1, 1, 1).shapes("2x3x9,5x3x4,5").bench("100x32x128,32x32x4,32"),
        conv1d("options", Window.of(3).pad(2).stride(2).dilation(2), 2, 2, 2, 2, 2).shapes("2x4x9,6x2x3,6")
            .bench("100x32x128,32x16x3,32"),
        conv1d("causal", Window.of(3).pad(2, 2, 0, 0), 2, 0, 1, 1, 1).shapes("2x3x5,4x3x3,4")
            .bench("100x32x128,32x32x3,32"),
        conv1d("row", Window.of(1, 5).pad(0, 1), 1, 1, 1, 1, 1).shapes("2x3x9,5x3x5,5").bench("100x32x128,32x32x5,32"),
        op("conv2d: one line", t -> Functional.conv1d(t[0], t[1], t[2], Window.of(3)), x -> {
          Nd y = conv1d(x[0].reshape(1, x[0].shape()[0], x[0].shape()[1]), x[1], x[2], 0, 0, 1, 1, 1);
          return y.reshape(y.shape()[1], y.shape()[2]);
        }).says("conv1d").exact().within(1e-5).shapes("3x9,5x3x3,5").bench("32x128,32x32x3,32")
            .javaOnly("conv2d on images of one row"),
        op("maxPool2d: line", t -> Functional.maxPool1d(t[0], Window.of(2)),
            x -> pool1d(x[0], two, i -> Reference.maxPool2d(i, two))).says("maxPool1d").distinct().shapes(odd)
            .bad("2x3x1", "7", "2x3x4x5").bench("100x32x128").javaOnly("maxPool2d on images of one row"),
        op("maxPool2d: line ceil", t -> Functional.maxPool1d(t[0], Window.of(3).stride(2).pad(1).ceilMode(true)),
            x -> pool1d(x[0], ceil, i -> Reference.maxPool2d(i, ceil))).says("maxPool1d").distinct().shapes(odd)
            .bench("100x32x128").javaOnly("maxPool2d on images of one row"),
        op("avgPool2d: line", t -> Functional.avgPool1d(t[0], Window.of(3).stride(2).pad(1).ceilMode(true), false),
            x -> pool1d(x[0], ceil, i -> Reference.avgPool2d(i, ceil, false))).says("avgPool1d").shapes(odd)
            .bad("7", "2x3x4x5").bench("100x32x128").javaOnly("avgPool2d on images of one row"));
  }

  // ---- convolution and pooling at once ----

  /** Where they are not computed at once, as without vector units, they are one after the other. */
  private static OpCase convPool(String name, Window window, Win win, int k, boolean average, Activation f,
      DoubleUnaryOperator reference) {
    var pooling = new ConvPool2d.Pooling(Window.of(k).pooling(), average, f, false);
    Win pooled = Win.of(k, k, 0);
    double[] settings = DoubleStream.concat(DoubleStream.of(WindowRows.settings(win, 1)),
        DoubleStream.of(k, k, average ? 1 : 0, f.ordinal())).toArray();
    return op("convPool2d: " + name, t -> {
      Tensor y = ConvPool2d.apply(t[0], t[1], t[2], window, pooling);
      return y != null ? y : pooling.of(Conv2d.apply(t[0], t[1], t[2], window, 1, Activation.IDENTITY));
    }, x -> {
      Nd y = Reference.conv2d(x[0], x[1], x[2], win, 1).map(reference);
      return average ? Reference.avgPool2d(y, pooled, true) : Reference.maxPool2d(y, pooled);
    }).says("2d").within(1e-5).constant(true, false, false).settings(settings)
        .flops(2, (t, y) -> WindowRows.CONVOLUTION.applyAsDouble(t, Functional.conv2d(t[0], t[1], t[2], window)));
  }

  private static List<OpCase> pooled() {
    DoubleUnaryOperator relu = v -> Math.max(v, 0);
    return List.of(
        convPool("max 5x5", Window.of(5), Win.of(5, 1, 0), 2, false, Activation.RELU, relu)
            .shapes("2x1x12x13,7x1x5x5,7", "1x1x6x6,1x1x5x5,1")
            .bad("2x1x12x13,7x2x5x5,7", "2x1x12x13,7x1x5x5,6", "2x1x4x13,7x1x5x5,7", "2x1x5x5,7x1x5x5,7")
            .bench("100x1x28x28:last,30x1x5x5,30"),
        convPool("max 3x3", Window.of(3).pad(1), Win.of(3, 1, 1), 3, false, Activation.RELU, relu)
            .shapes("2x1x9x7,16x1x3x3,16", "3x3x9x9,33x3x3x3,33").bench("100x1x28x28:last,32x1x3x3,32"),
        convPool("average 5x5", Window.of(5).pad(2), Win.of(5, 1, 2), 2, true, Activation.TANH, Math::tanh)
            .shapes("2x1x12x13,7x1x5x5,7", "1x1x3x2,1x1x5x5,1").bad("2x1x12x13,7x2x5x5,7", "2x1x1x1,7x1x5x5,7")
            .bench("64x1x28x28:last,6x1x5x5,6"),
        convPool("average 3x3", Window.of(3), Win.of(3, 1, 0), 2, true, Activation.IDENTITY, v -> v)
            .shapes("2x1x9x7,16x1x3x3,16").bench("100x1x28x28:last,32x1x3x3,32"));
  }

  // ---- transposed convolution ----

  private static OpCase transposed(String name, Window window, Win win, int more, int groups) {
    return op("convTranspose2d: " + name,
        t -> Functional.convTranspose2d(t[0], t[1], t.length > 2 ? t[2] : null, window, more, more, groups),
        x -> Reference.convTranspose2d(x[0], x[1], x.length > 2 ? x[2] : null, win, more, groups))
        .says("convTranspose2d").exact().within(1e-5).flops(3, TRANSPOSED).javaOnly("conv2d's input gradient");
  }

  private static List<OpCase> transposed() {
    return List.of(
        transposed("2x2", Window.of(2).stride(2), Win.of(2, 2, 0), 0, 1)
            .shapes("1x1x1x1,1x1x2x2,1", "2x3x5x4,3x7x2x2,7", "1x8x7x7,8x3x2x2")
            .bad("2x3x5x4,4x7x2x2,7", "2x3x5x4,3x7x3x3,7", "2x3x5x4,3x7x2x2,3", "3x7,3x7x2x2,7")
            .bench("20x64x14x14:last,64x32x2x2,32"),
        transposed("3x3", Window.of(3).pad(1), Win.of(3, 1, 1), 0, 1)
            .shapes("2x3x7x5,3x8x3x3,8", "1x1x1x1,1x1x3x3,1", "1x16x9x9,16x13x3x3").bad("3x1x1,3x1x3x3,2")
            .bench("20x64x14x14:last,64x32x3x3,32"),
        transposed("output padding", Window.of(3).pad(1).stride(2), Win.of(3, 2, 1), 1, 1)
            .shapes("2x3x4x5,3x8x3x3,8", "1x8x1x1,8x1x3x3").bench("20x64x14x14:last,64x32x3x3,32"),
        transposed("grouped, dilated", Window.of(3, 2).pad(2, 1).stride(3, 2).dilation(2, 3),
            new Win(3, 2, 3, 2, 2, 3, 2, 1, 2, 1, false), 1, 2)
            .shapes("2x4x5x4,4x3x3x2,6").bad("2x3x5x4,3x3x3x2,6").bench("20x64x14x14:last,64x16x3x2,32"),
        transposed("same", Window.same(3).stride(2), new Win(3, 3, 2, 2, 1, 1, 0, 0, 1, 1, false), 0, 1)
            .shapes("2x3x4x5,3x5x3x3,5").bench("20x64x14x14:last,64x32x3x3,32"),
        op("convTranspose2d: one image", t -> Functional.convTranspose2d(t[0], t[1], t[2], Window.of(3)), x -> {
          int[] s = x[0].shape();
          Nd y = Reference.convTranspose2d(x[0].reshape(1, s[0], s[1], s[2]), x[1], x[2], Win.of(3, 1, 0), 0, 1);
          return y.reshape(y.shape()[1], y.shape()[2], y.shape()[3]);
        }).says("convTranspose2d").exact().within(1e-5).shapes("3x4x5,3x2x3x3,2").bench("64x14x14,64x32x3x3,32")
            .flops(3, TRANSPOSED).javaOnly("conv2d's input gradient"));
  }

  // ---- adaptive pooling ----

  private static Nd adaptive(Nd x, int h, int w, boolean mean) {
    int ih = x.shape()[2], iw = x.shape()[3];
    return Nd.of(new int[] {x.shape()[0], x.shape()[1], h, w}, i -> {
      int top = (int) Math.floor(i[2] * (double) ih / h), bottom = (int) Math.ceil((i[2] + 1) * (double) ih / h);
      int left = (int) Math.floor(i[3] * (double) iw / w), right = (int) Math.ceil((i[3] + 1) * (double) iw / w);
      double sum = 0, max = Double.NEGATIVE_INFINITY;
      for (int p = top; p < bottom; p++) {
        for (int q = left; q < right; q++) {
          sum += x.at(i[0], i[1], p, q);
          max = Math.max(max, x.at(i[0], i[1], p, q));
        }
      }
      return mean ? sum / (bottom - top) / (right - left) : max;
    });
  }

  private static OpCase adaptiveAvg(String name, int h, int w) {
    return op(name, t -> Functional.adaptiveAvgPool2d(t[0], h, w), x -> adaptive(x[0], h, w, true))
        .says("adaptiveAvgPool2d").bad("3x7").bench("20x64x13x13:last").javaOnly("put together from others");
  }

  private static OpCase adaptiveMax(String name, int h, int w) {
    return op(name, t -> Functional.adaptiveMaxPool2d(t[0], h, w), x -> adaptive(x[0], h, w, false))
        .says("adaptiveMaxPool2d").distinct().bad("3x7").bench("20x64x13x13:last").javaOnly("put together from others");
  }

  private static List<OpCase> adaptive() {
    String[] odd = {"2x3x5x7", "1x8x1x1", "1x1x13x3", "2x5x8x6"};
    return List.of(
        adaptiveAvg("avgPool2d: adaptive 3x2", 3, 2).shapes(odd).shapes("2x3x6x4"),
        adaptiveAvg("avgPool2d: adaptive 7x7", 7, 7).shapes(odd).shapes("1x3x14x21"),
        adaptiveAvg("sum: adaptive 1x1", 1, 1).shapes(odd),
        adaptiveMax("maxPool2d: adaptive 3x2", 3, 2).shapes(odd).shapes("2x3x6x4"),
        adaptiveMax("maxPool2d: adaptive 7x7", 7, 7).shapes(odd).shapes("1x3x14x21"));
  }

  // ---- other sizes, and channels left out ----

  /** Each pixel weighted by how near it is, all of them asked. */
  private static Nd bilinear(Nd x, int h, int w, boolean corners) {
    int ih = x.shape()[2], iw = x.shape()[3];
    return Nd.of(new int[] {x.shape()[0], x.shape()[1], h, w}, i -> {
      double at = place(i[2], ih, h, corners), along = place(i[3], iw, w, corners), sum = 0;
      for (int p = 0; p < ih; p++) {
        for (int q = 0; q < iw; q++) {
          double near = Math.max(0, 1 - Math.abs(at - p)) * Math.max(0, 1 - Math.abs(along - q));
          sum += near * x.at(i[0], i[1], p, q);
        }
      }
      return sum;
    });
  }

  private static double place(int i, int in, int out, boolean corners) {
    double at = corners ? out == 1 ? 0 : i * (in - 1.0) / (out - 1) : (i + 0.5) * in / out - 0.5;
    return Math.min(Math.max(at, 0), in - 1);
  }

  private static List<OpCase> sizes() {
    String[] odd = {"2x3x5x7", "1x8x1x1", "1x1x2x9", "2x13x4x3"};
    int[] rows = {2, 0, 0, 1, 2}, columns = {1, 1, 0};
    return List.of(
        op("select2d", t -> Select2d.apply(t[0], rows, columns), x -> Nd.of(new int[] {x[0].shape()[0],
            x[0].shape()[1], 5, 3}, i -> x[0].at(i[0], i[1], rows[i[2]], columns[i[3]]))).exact()
            .shapes("2x3x5x7", "1x1x3x2", "2x13x3x3").bad("3x7", "1x1x2x2", "1x1x3x1").bench("20x64x14x14:last")
            .javaOnly("indexSelect's kernel"),
        op("select2d: nearest", t -> Functional.upsampleNearest(t[0], 8, 6), x -> Nd.of(new int[] {x[0].shape()[0],
            x[0].shape()[1], 8, 6}, i -> x[0].at(i[0], i[1], i[2] * x[0].shape()[2] / 8, i[3] * x[0].shape()[3] / 6)))
            .says("upsample").exact().shapes(odd).bad("3x7").bench("20x64x14x14:last").javaOnly("indexSelect's kernel"),
        op("bilinear2d", t -> Functional.upsampleBilinear(t[0], 8, 6, false), x -> bilinear(x[0], 8, 6, false))
            .says("upsample").shapes(odd).shapes("2x3x16x18").bad("3x7").bench("20x64x14x14:last"),
        op("bilinear2d: corners", t -> Functional.upsampleBilinear(t[0], 9, 1, true), x -> bilinear(x[0], 9, 1, true))
            .says("upsample").shapes(odd).bench("20x64x14x14:last"),
        op("dropout: channels", t -> dropout2d(t[0]), x -> {
          int c = x[0].shape()[1], channel = Nd.size(x[0].shape()) / x[0].shape()[0] / c;
          float[] kept = dropout2d(Tensor.ones(x[0].shape()[0], c)).toFloats();
          Nd y = x[0].copy();
          for (int k = 0; k < y.v().length; k++) y.v()[k] *= kept[k / channel];
          return y;
        }).says("dropout2d").shapes("3x7", "2x13x5", "2x9x5x7").bad("7").bench("20x64x14x14:last")
            .javaOnly("put together from others"));
  }

  private static Tensor dropout2d(Tensor x) {
    Random.restore(5, 1000);
    return Functional.dropout2d(x, 0.25, true);
  }
}
