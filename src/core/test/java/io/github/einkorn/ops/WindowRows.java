package io.github.einkorn.ops;

import static io.github.einkorn.ops.OpCases.LAST;
import static io.github.einkorn.ops.OpCases.drop;
import static io.github.einkorn.ops.OpCases.op;

import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import io.github.einkorn.ops.Reference.Win;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** Rows of {@link OpCases}: convolutions and poolings. */
final class WindowRows {
  static final ToDoubleBiFunction<Tensor[], Tensor> CONVOLUTION =
      (t, y) -> 2.0 * y.size() * t[1].size() / t[1].dim(0);

  private WindowRows() {}

  private static OpCase conv(String name, Window window, Win win, int groups) {
    return op("conv2d: " + name, t -> Functional.conv2d(t[0], t[1], t.length > 2 ? t[2] : null, window, groups),
        x -> Reference.conv2d(x[0], x[1], x.length > 2 ? x[2] : null, win, groups)).says("conv2d").exact().within(1e-5)
        .settings(settings(win, groups)).flops(3, CONVOLUTION);
  }

  /** What the kernels of cpp/bench/conv2d_bench.cpp and pool2d_bench.cpp read: the window and groups or a flag. */
  static double[] settings(Win w, int last) {
    return new double[] {
      w.kh(), w.kw(), w.sh(), w.sw(), w.dh(), w.dw(), w.top(), w.left(), w.bottom(), w.right(), last
    };
  }

  static List<OpCase> convolutions() {
    return List.of(
        conv("3x3", Window.of(3).pad(1), Win.of(3, 1, 1), 1)
            .shapes("1x1x1x1,1x1x3x3,1", "2x1x7x7,8x1x3x3,8", "1x3x9x9,13x3x3x3,13", "2x8x8x8,8x8x3x3",
                "3x13x3x7,3x13x3x3,3",
                "1x64x9x9,8x64x3x3,8", "2x3x31x11,64x3x3x3,64")
            .bad("2x3x7x7,8x4x3x3,8", "2x3x7x7,8x3x5x5,8", "2x3x7x7,8x3x3x3,7", "3x7,8x3x3x3,8")
            .bench("100x32x28x28:last,32x32x3x3,32"),
        conv("5x5", Window.of(5), Win.of(5, 1, 0), 1)
            .shapes("1x1x5x5,1x1x5x5,1", "2x1x9x9,30x1x5x5,30", "2x3x7x11,8x3x5x5,8", "1x8x8x9,3x8x5x5")
            .bad("2x1x4x9,30x1x5x5,30").bench("100x1x28x28:last,30x1x5x5,30"),
        conv("1x1", Window.of(1), Win.of(1, 1, 0), 1)
            .shapes("1x1x1x1,1x1x1x1,1", "2x13x7x3,8x13x1x1,8", "1x64x3x3,13x64x1x1")
            .bench("100x64x14x14:last,64x64x1x1,64"),
        conv("stride", Window.of(3).pad(1).stride(2), Win.of(3, 2, 1), 1)
            .shapes("2x3x7x8,8x3x3x3,8", "1x1x9x9,3x1x3x3,3", "1x8x1x31,13x8x3x3,13")
            .bench("100x32x28x28:last,64x32x3x3,64"),
        conv("uneven", Window.of(2, 3).pad(0, 1, 1, 2).stride(3, 1).dilation(1, 2),
            new Win(2, 3, 3, 1, 1, 2, 0, 1, 1, 2, false), 1)
            .shapes("2x3x7x8,8x3x2x3,8", "1x8x9x5,3x8x2x3").bench("20x32x28x28:last,32x32x2x3,32"),
        conv("dilated", Window.of(3).pad(2).dilation(2), new Win(3, 3, 1, 1, 2, 2, 2, 2, 2, 2, false), 1)
            .shapes("2x3x7x8,8x3x3x3,8", "1x1x9x9,3x1x3x3,3").bench("20x32x28x28:last,32x32x3x3,32"),
        conv("grouped", Window.of(3).pad(1), Win.of(3, 1, 1), 2).shapes("2x6x7x8,4x3x3x3,4", "1x16x9x9,8x8x3x3")
            .bad("2x6x7x8,5x3x3x3,5").bench("20x32x28x28:last,32x16x3x3,32"),
        conv("depthwise", Window.of(3).pad(1), Win.of(3, 1, 1), 8).shapes("2x8x7x8,8x1x3x3,8", "1x8x9x9,16x1x3x3")
            .bench("20x8x28x28:last,8x1x3x3,8"),
        op("conv2d: one image", t -> Functional.conv2d(t[0], t[1], t[2], Window.of(3)), x -> drop(Reference.conv2d(
            x[0].reshape(1, x[0].shape()[0], x[0].shape()[1], x[0].shape()[2]), x[1], x[2], Win.of(3, 1, 0), 1), 0))
            .says("conv2d")
            .within(1e-5).exact().shapes("3x7x9,8x3x3x3,8").bad("3x7x9,8x4x3x3,8")
            .bench("32x28x28,32x32x3x3,32").settings(settings(Win.of(3, 1, 0), 1)).flops(3, CONVOLUTION));
  }

  private static OpCase maxPool(String name, Window window, Win win) {
    return op("maxPool2d" + name, t -> Functional.maxPool2d(t[0], window), x -> Reference.maxPool2d(x[0], win))
        .says("maxPool2d").distinct().bench(LAST).settings(settings(win, 0))
        .flops(2, (t, y) -> (double) win.kh() * win.kw() * y.size());
  }

  private static OpCase avgPool(String name, Window window, Win win, boolean countPad) {
    return op("avgPool2d" + name, t -> Functional.avgPool2d(t[0], window, countPad),
        x -> Reference.avgPool2d(x[0], win, countPad)).says("avgPool2d").bench(LAST)
        .settings(settings(win, countPad ? 1 : 0)).flops(2, (t, y) -> (double) win.kh() * win.kw() * y.size());
  }

  static List<OpCase> pools() {
    String[] odd = {"1x1x3x3", "2x3x7x8", "1x8x9x9", "3x13x5x7", "1x64x8x31"};
    Win ceil = new Win(3, 3, 2, 2, 1, 1, 1, 1, 1, 1, true), uneven = new Win(2, 3, 2, 1, 1, 2, 0, 1, 1, 2, false);
    Window unevenWindow = Window.of(2, 3).stride(2, 1).dilation(1, 2).pad(0, 1, 1, 2);
    return List.of(
        maxPool("", Window.of(2), Win.of(2, 2, 0)).shapes(odd).bad("2x3x1x7", "3x7"),
        maxPool(": overlapping", Window.of(3).stride(1).pad(1), Win.of(3, 1, 1)).shapes(odd).shapes("1x3x1x1"),
        maxPool(": ceil", Window.of(3).stride(2).pad(1).ceilMode(true), ceil).shapes(odd),
        maxPool(": uneven", unevenWindow, uneven).shapes("2x3x7x8", "1x13x3x5"),
        maxPool(": large", Window.of(17), Win.of(17, 17, 0)).shapes("1x3x17x17", "2x8x34x18").bad("1x3x16x17"),
        avgPool("", Window.of(2), Win.of(2, 2, 0), true).shapes(odd).bad("2x3x1x7", "3x7"),
        avgPool(": overlapping", Window.of(3).stride(1).pad(1), Win.of(3, 1, 1), true).shapes(odd).shapes("1x3x1x1"),
        avgPool(": inside", Window.of(3).stride(1).pad(1), Win.of(3, 1, 1), false).shapes(odd).shapes("1x3x1x1"),
        avgPool(": ceil", Window.of(3).stride(2).pad(1).ceilMode(true), ceil, true).shapes(odd),
        avgPool(": ceil inside", Window.of(3).stride(2).pad(1).ceilMode(true), ceil, false).shapes(odd),
        avgPool(": uneven", unevenWindow, uneven, true).shapes("2x3x7x8", "1x13x3x5"),
        op("sum: globalAvgPool2d", t -> Functional.globalAvgPool2d(t[0]), x -> x[0].fold(0, Double::sum, 2, 3)
            .map(s -> s / (x[0].shape()[2] * x[0].shape()[3]))).shapes(odd).bad("3x7").bench(LAST)
            .settings(1, 2, 3).flops(2, (t, y) -> t[0].size()));
  }
}
