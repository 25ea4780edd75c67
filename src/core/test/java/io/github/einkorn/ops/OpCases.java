package io.github.einkorn.ops;

import io.github.einkorn.DType;
import io.github.einkorn.Random;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Reduction;
import io.github.einkorn.nn.Window;
import io.github.einkorn.ops.Reference.Win;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Every operation, one row each: compared with a double reference, differentiated, swept over odd shapes, in both
 * memory formats and with one and two threads, refused bad arguments, and benchmarked.
 */
public final class OpCases {
  private static final String IMAGES = "100x32x28x28";
  private static final String LAST = IMAGES + ":last";
  private static final String VIEW = "a view of the same memory";
  private static final ToDoubleBiFunction<Tensor[], Tensor> PRODUCT = (t, y) -> 2.0 * y.size() * t[0].dim(-1);
  static final ToDoubleBiFunction<Tensor[], Tensor> CONVOLUTION =
      (t, y) -> 2.0 * y.size() * t[1].size() / t[1].dim(0);
  private static final ToDoubleBiFunction<Tensor[], Tensor> NORM = (t, y) -> 5.0 * y.size();
  private static final String[] ODD = {
    "scalar", "1", "3", "7", "8", "9", "31", "3x7", "1x1x1x1", "2x3x5x7", "1x8x3x3", "3x13x7x7", "1x64x9x9"
  };
  private static final String[] PAIRS = {
    "1,1", "7,7", "9,1", "scalar,31", "3x7,7", "3x1,1x9", "2x3x5x7,2x3x5x7", "2x13x3x3,1x13x1x1", "1x8x1x1,2x8x7x3",
    "2x64x3x3,3x3", "2x3x5x7,2x1x5x7", "1x1x7x7,2x8x7x7", "13x1x1,2x13x3x5", "4x1x3,2x1x5x1"
  };
  private static final String[] BAD_PAIRS = {"3,4", "3x7,3x8", "2x3x5x7,2x4x5x7"};

  private OpCases() {}

  /** All rows. */
  public static List<OpCase> all() {
    return Stream.of(elementWise(), binary(), comparisons(), reductions(), shapes(), matrices(), convolutions(),
        pools(), ImageCases.all(), norms(), losses(), LayerRows.activations(), LayerRows.norms(),
        LayerRows.columns()).flatMap(List::stream).toList();
  }

  static OpCase op(String name, Function<Tensor[], Tensor> f, Function<Nd[], Nd> reference) {
    return new OpCase(name, f, reference);
  }

  static OpCase each(String name, UnaryOperator<Tensor> f, DoubleUnaryOperator reference) {
    return op(name, t -> f.apply(t[0]), x -> x[0].map(reference)).shapes(ODD).bench(IMAGES);
  }

  private static OpCase pair(String name, BinaryOperator<Tensor> f, DoubleBinaryOperator reference) {
    return op(name, t -> f.apply(t[0], t[1]), x -> Nd.zip(x[0], x[1], reference)).shapes(PAIRS).bad(BAD_PAIRS)
        .bench(IMAGES + ",1x32x1x1");
  }

  private static List<OpCase> elementWise() {
    return List.of(
        each("neg", Tensor::neg, x -> -x).exact(),
        each("abs", Tensor::abs, Math::abs).awayFrom(0),
        each("square", Tensor::square, x -> x * x),
        each("sqrt", Tensor::sqrt, Math::sqrt).range(0.1, 4),
        each("exp", Tensor::exp, Math::exp).range(-20, 3),
        each("log", Tensor::log, Math::log).range(0.1, 40),
        each("pow: cube", x -> x.pow(3), x -> x * x * x).says("pow").settings(3),
        each("pow: fraction", x -> x.pow(-0.7), x -> Math.pow(x, (float) -0.7)).says("pow").range(0.2, 4).within(4e-6)
            .settings(-0.7),
        each("clamp", x -> x.clamp(-1, 1.5), x -> Math.min(Math.max(x, -1), 1.5)).awayFrom(-1, 1.5)
            .settings(-1, 1.5),
        each("clamp: open", Functional::relu6, x -> Math.min(Math.max(x, 0), 6)).says("clamp").range(-3, 9)
            .awayFrom(0, 6).settings(0, 6),
        each("affine: add", x -> x.add(3), x -> x + 3).settings(1, 3),
        each("affine: sub", x -> x.sub(0.5), x -> x - 0.5).settings(1, -0.5),
        each("affine: rsub", x -> x.rsub(1), x -> 1 - x).settings(-1, 1),
        each("affine: mul", x -> x.mul(-2.5), x -> -2.5 * x).settings(-2.5, 0),
        each("affine: div", x -> x.div(8), x -> x / 8).settings(0.125, 0),
        each("reciprocal", x -> x.rdiv(2), x -> 2 / x).range(0.3, 3).settings(2),
        each("relu", Tensor::relu, x -> Math.max(x, 0)).awayFrom(0),
        each("leakyRelu", x -> x.leakyRelu(0.125), x -> x > 0 ? x : 0.125 * x).awayFrom(0)
            .settings(0.125),
        each("sigmoid", Tensor::sigmoid, x -> 1 / (1 + Math.exp(-x))).range(-12, 12),
        each("tanh", Tensor::tanh, Math::tanh).range(-6, 6),
        along("softmax", Tensor::softmax, Reference::softmax),
        along("logSoftmax", Tensor::logSoftmax, Reference::logSoftmax),
        op("softmax: channels", t -> t[0].softmax(1), x -> Reference.softmax(x[0], 1)).says("softmax")
            .shapes("2x3", "3x5x7", "2x3x5x7", "1x13x3x3").range(-9, 9).bench("10x10x28x28").settings(1),
        op("logSoftmax: channels", t -> t[0].logSoftmax(1), x -> Reference.logSoftmax(x[0], 1)).says("logSoftmax")
            .shapes("2x3", "3x5x7", "2x3x5x7", "1x13x3x3").range(-9, 9).bench("10x10x28x28").settings(1));
  }

  private static OpCase along(String name, BiFunction<Tensor, Integer, Tensor> f,
      BiFunction<Nd, Integer, Nd> reference) {
    return op(name, t -> f.apply(t[0], -1), x -> reference.apply(x[0], x[0].shape().length - 1)).range(-9, 9)
        .shapes("1", "3x1", "3x7", "1x8", "9x10", "2x3x5x7", "2x13x3x3", "5x1000").bench("1000x1000");
  }

  private static List<OpCase> binary() {
    return List.of(
        pair("add", Tensor::add, Double::sum).exact(),
        pair("sub", Tensor::sub, (x, y) -> x - y).exact(),
        pair("mul", Tensor::mul, (x, y) -> x * y).exact(),
        pair("div", Tensor::div, (x, y) -> x / y).range(0.3, 3),
        pair("maximum", Tensor::maximum, Math::max).distinct().shapes("3,3"),
        pair("minimum", Tensor::minimum, Math::min).distinct(),
        op("addRelu", t -> Functional.addRelu(t[0], t[1]), x -> Nd.zip(x[0], x[1], (a, b) -> Math.max(a + b, 0)))
            .shapes("1,1", "7,7", "3x7,3x7", "2x3x5x7,2x3x5x7", "2x13x3x3,2x13x3x3").bad(BAD_PAIRS).bad("3x7,7")
            .bench(IMAGES + "," + IMAGES));
  }

  private static List<OpCase> comparisons() {
    return List.of(
        pair("compare: eq", Tensor::eq, (x, y) -> x == y ? 1 : 0).noGradient().settings(0),
        pair("compare: ne", Tensor::ne, (x, y) -> x != y ? 1 : 0).noGradient().settings(1),
        pair("compare: lt", Tensor::lt, (x, y) -> x < y ? 1 : 0).noGradient().settings(2),
        pair("compare: le", Tensor::le, (x, y) -> x <= y ? 1 : 0).noGradient().settings(3),
        pair("compare: gt", Tensor::gt, (x, y) -> x > y ? 1 : 0).noGradient().settings(4),
        pair("compare: ge", Tensor::ge, (x, y) -> x >= y ? 1 : 0).noGradient().settings(5),
        each("compare: eq number", x -> x.eq(1), x -> x == 1 ? 1 : 0).noGradient().settings(0, 1),
        each("compare: ge number", x -> x.ge(0.5), x -> x >= 0.5 ? 1 : 0).noGradient().settings(5, 0.5),
        each("cast: int64", x -> x.to(DType.INT64), x -> x < 0 ? Math.ceil(x) : Math.floor(x)).noGradient()
            .settings(DType.INT64.ordinal()),
        each("cast: bool", x -> x.to(DType.BOOL), x -> x != 0 ? 1 : 0).noGradient().settings(DType.BOOL.ordinal()),
        each("cast: uint8", x -> x.to(DType.UINT8), Math::floor).range(0, 255).noGradient()
            .settings(DType.UINT8.ordinal()),
        op("oneHot", t -> Tensor.oneHot(t[0], 7), x -> Nd.of(append(x[0].shape(), 7), i ->
            x[0].at(Arrays.copyOf(i, i.length - 1)) == i[i.length - 1] ? 1 : 0))
            .shapes("scalar:i7", "1:i7", "13:i7", "3x5:i7").noGradient().bench("10000:i7")
            .javaOnly("written in Java"));
  }

  private static int[] append(int[] shape, int extent) {
    int[] d = Arrays.copyOf(shape, shape.length + 1);
    d[shape.length] = extent;
    return d;
  }

  private static List<OpCase> reductions() {
    String[] odd4 = {"1x1x1x1", "2x3x5x7", "1x8x3x3", "3x13x7x7", "2x64x9x9"};
    return List.of(
        op("sum", t -> t[0].sum(), x -> total(x[0])).shapes(ODD).exact().bench(IMAGES).settings(0),
        op("sum: last", t -> t[0].sum(-1), x -> fold(x[0], false, x[0].shape().length - 1)).says("sum")
            .shapes("7", "3x7", "31x64", "2x3x5x7").exact().bench("1000x1000").settings(0, 1),
        op("sum: first", t -> t[0].sum(true, 0), x -> x[0].fold(0, Double::sum, 0)).says("sum").shapes("3x7", "31x9")
            .shapes(odd4).exact().bench("1000x1000").settings(0, 0),
        op("sum: all but channels", t -> t[0].sum(0, 2, 3), x -> fold(x[0], false, 0, 2, 3)).says("sum")
            .shapes(odd4).exact().bad("3", "2x3x4").bench(IMAGES).settings(0, 0, 2, 3),
        op("sum: batch", t -> t[0].sum(0), x -> fold(x[0], false, 0)).says("sum").shapes(odd4).exact().bench(IMAGES)
            .settings(0, 0),
        op("sum: rows and channels", t -> t[0].sum(1, 3), x -> fold(x[0], false, 1, 3)).says("sum").shapes(odd4).exact()
            .bench(IMAGES).settings(0, 1, 3),
        op("sum: mean", t -> t[0].mean(), x -> total(x[0]).map(s -> s / x[0].v().length)).shapes(ODD).bench(IMAGES)
            .settings(1),
        op("sum: mean of images", t -> t[0].mean(true, 2, 3), x -> x[0].fold(0, Double::sum, 2, 3)
            .map(s -> s / (x[0].shape()[2] * x[0].shape()[3]))).shapes(odd4).bad("3x5x7").bench(IMAGES)
            .settings(1, 2, 3),
        op("sum: mean of batch and channels", t -> t[0].mean(0, 1), x -> fold(x[0], true, 0, 1)).shapes(odd4)
            .bench(IMAGES).settings(1, 0, 1),
        op("extreme: max", t -> t[0].max(), x -> extreme(x[0], 1, Math::max)).shapes(ODD).distinct().bench(IMAGES)
            .settings(1, 0),
        op("extreme: min", t -> t[0].min(), x -> extreme(x[0], -1, Math::min)).shapes(ODD).distinct().bench(IMAGES)
            .settings(0, 0),
        op("extreme: max along", t -> t[0].max(1), x -> drop(x[0].fold(-1e9, Math::max, 1), 1))
            .shapes("3x7", "1x9", "5x1").shapes(odd4).distinct().bad("3").bench(IMAGES).settings(1, 0, 1),
        op("extreme: min along", t -> t[0].min(-1), x -> {
          int last = x[0].shape().length - 1;
          return drop(x[0].fold(1e9, Math::min, last), last);
        }).shapes("3", "3x7", "1x9", "5x1").shapes(odd4).distinct().bench(IMAGES).settings(0, 0, 3),
        op("extreme: argmax", t -> t[0].argmax(1), x -> argmax(x[0], 1)).shapes("3x10", "2x3x5x7").noGradient()
            .bench("1000x1000").settings(1, 1, 1),
        op("extreme: argmin", t -> t[0].argmin(1), x -> argmax(x[0].map(v -> -v), 1)).shapes("3x10", "2x3x5x7")
            .noGradient().bench("1000x1000").settings(0, 1, 1));
  }

  private static Nd total(Nd x) {
    return new Nd(new int[0], new double[] {Arrays.stream(x.v()).sum()});
  }

  private static Nd fold(Nd x, boolean mean, int... dims) {
    Nd y = x.fold(0, Double::sum, dims);
    double n = mean ? (double) x.v().length / y.v().length : 1;
    Nd scaled = y.map(s -> s / n);
    for (int i = dims.length - 1; i >= 0; i--) scaled = drop(scaled, dims[i]);
    return scaled;
  }

  private static Nd drop(Nd x, int dim) {
    var left = new ArrayList<Integer>();
    for (int i = 0; i < x.shape().length; i++) if (i != dim) left.add(x.shape()[i]);
    return x.reshape(left.stream().mapToInt(i -> i).toArray());
  }

  private static Nd extreme(Nd x, int sign, DoubleBinaryOperator f) {
    return new Nd(new int[0], new double[] {Arrays.stream(x.v()).reduce(sign * -1e9, f)});
  }

  private static Nd argmax(Nd x, int dim) {
    Nd max = x.fold(Double.NEGATIVE_INFINITY, Math::max, dim);
    return drop(Nd.of(max.shape(), i -> {
      int[] k = i.clone();
      while (x.at(k) != max.at(i)) k[dim]++;
      return k[dim];
    }), dim);
  }

  private static List<OpCase> shapes() {
    return List.of(
        op("reshape", t -> t[0].reshape(-1), x -> x[0].reshape(x[0].v().length)).shapes(ODD).exact().bench(IMAGES)
            .javaOnly(VIEW),
        op("reshape: flatten", t -> t[0].flatten(1), x ->
            x[0].reshape(x[0].shape()[0], x[0].v().length / x[0].shape()[0]))
            .says("reshape").shapes("3x7", "2x3x5x7", "1x13x3x3").exact().bench(IMAGES).javaOnly(VIEW),
        op("reshape: unsqueeze", t -> t[0].unsqueeze(1).squeeze(0), x -> drop(x[0].reshape(with1(x[0].shape())), 0))
            .shapes("1", "1x7", "1x13x3").exact().bench("1x3x1000x1000").javaOnly(VIEW),
        op("permute", t -> t[0].permute(2, 0, 1), x -> x[0].permute(2, 0, 1)).shapes("3x5x7", "1x8x9", "13x1x3").exact()
            .bad("3x5", "2x3x5x7").bench("100x784x32").settings(2, 0, 1),
        op("permute: to NHWC", t -> t[0].permute(0, 2, 3, 1), x -> x[0].permute(0, 2, 3, 1)).says("permute")
            .shapes("2x3x5x7", "1x8x3x3", "3x1x7x7").exact().bench(IMAGES).settings(0, 2, 3, 1),
        op("permute: from NHWC", t -> t[0].permute(0, 3, 1, 2), x -> x[0].permute(0, 3, 1, 2)).says("permute")
            .shapes("2x3x5x7", "1x8x3x3", "3x1x7x7").exact().bench("100x28x28x32").javaOnly(VIEW),
        op("permute: t", t -> t[0].t(), x -> x[0].permute(1, 0)).shapes("3x7", "31x64", "1x9").exact().bad("3", "2x3x4")
            .bench("1000x1000").settings(1, 0),
        op("narrow", t -> t[0].narrow(1, 1, 2), x -> box(x[0], 1, 1, 2)).shapes("3x7", "2x3x5x7", "1x8x3x3", "2x13x1x1")
            .exact().bad("3x2").bench(IMAGES).cuts().settings(1, 1, 2),
        op("narrow: rows", t -> t[0].narrow(-2, -2, 2), x -> box(x[0], x[0].shape().length - 2,
            x[0].shape()[x[0].shape().length - 2] - 2, 2)).says("narrow").shapes("3x7", "2x3x5x7", "1x8x3x3").exact()
            .bench(IMAGES).cuts().settings(2, 26, 2),
        op("narrow: select", t -> t[0].select(0, 1), x -> drop(box(x[0], 0, 1, 1), 0)).says("narrow")
            .shapes("3x7", "2x3x5x7", "5").exact().bad("1x7").bench(IMAGES).cuts()
            .settings(0, 1, 1),
        op("cat", t -> Tensor.cat(1, t), x -> Reference.cat(1, x))
            .shapes("3x7,3x2", "2x3x5x7,2x8x5x7,2x1x5x7", "1x13x3,1x1x3")
            .exact().bad("3x7,4x7", "3x7,3x7x1").bench(IMAGES + "," + IMAGES).settings(1),
        op("cat: batch", t -> Tensor.cat(0, t), x -> Reference.cat(0, x)).shapes("3,4", "2x3x5x7,1x3x5x7").exact()
            .bench(IMAGES + "," + IMAGES).settings(0),
        op("cat: stack", t -> Tensor.stack(1, t), x -> Reference.cat(1, x[0].reshape(with1(x[0].shape())),
            x[1].reshape(with1(x[1].shape())))).says("cat").shapes("3,3", "3x7,3x7").exact().bad("3,4")
            .bench(IMAGES + "," + IMAGES).settings(1),
        op("indexSelect", t -> t[0].indexSelect(t[1]), x -> Nd.of(with0(x[0].shape(), x[1].v().length), i -> {
          int[] k = i.clone();
          k[0] = (int) x[1].v()[i[0]];
          return x[0].at(k);
        })).shapes("7,3:i7", "3x7,9:i3", "5x3x3x7,8:i5").exact().bench("1000x784,1000:i1000"),
        op("pad2d", t -> t[0].pad2d(1), x -> Reference.pad(x[0], 1, 1, 1, 1, 0)).shapes("3x7", "2x3x5x7", "1x8x1x1")
            .exact().bad("3").bench(IMAGES).settings(1, 1),
        op("pad2d: uneven", t -> t[0].pad2d(0, 1, 2, 3, 5), x -> Reference.pad(x[0], 0, 1, 2, 3, 5)).says("pad2d")
            .shapes("3x7", "2x3x5x7", "1x13x3x3").bench(IMAGES).settings(0, 1));
  }

  private static int[] with1(int[] shape) {
    int[] d = new int[shape.length + 1];
    d[0] = shape[0];
    d[1] = 1;
    System.arraycopy(shape, 1, d, 2, shape.length - 1);
    return d;
  }

  private static int[] with0(int[] shape, int extent) {
    int[] d = shape.clone();
    d[0] = extent;
    return d;
  }

  private static Nd box(Nd x, int dim, int start, int length) {
    int[] from = new int[x.shape().length], extents = x.shape().clone();
    from[dim] = start;
    extents[dim] = length;
    return x.box(from, extents);
  }

  private static List<OpCase> matrices() {
    String fit = "shapes cannot be multiplied";
    return List.of(
        op("matMul", t -> t[0].matmul(t[1]), x -> Reference.matmul(x[0], x[1])).says(fit).exact()
            .shapes("1x1,1x1", "3x7,7x5", "8x8,8x8", "31x64,64x13", "2x3x7,7x5", "2x3x7,2x7x5", "3x1x3x7,2x7x5",
                "3x7,2x7x5",
                "3x1x3x5,1x2x5x7", "2x3x5x7,2x3x7x1")
            .bad("3x7,3x7").bench("256x512,512x256").flops(3, PRODUCT),
        op("matMul: batches", t -> t[0].matmul(t[1]), x -> Reference.matmul(x[0], x[1])).says("matmul").exact()
            .shapes("8x3x13,8x13x9").bad("2x3x7,3x7x5").bench("64x64x64,64x64x64").flops(3, PRODUCT),
        op("matMul: vectors", t -> t[0].matmul(t[1]), x -> drop(drop(Reference.matmul(x[0].reshape(1, x[0].v().length),
            x[1].reshape(x[1].v().length, 1)), 0), 0)).says("dot product").exact().shapes("1,1", "7,7").bad("3,4")
            .bench("1000,1000").flops(3, PRODUCT),
        op("matMul: on a vector", t -> t[0].matmul(t[1]), x ->
            drop(Reference.matmul(x[0], x[1].reshape(x[1].v().length, 1)),
            x[0].shape().length - 1)).says(fit).exact().shapes("3x7,7", "2x3x7,7").bad("3x7,3")
            .bench("1000x1000,1000").flops(3, PRODUCT),
        op("matMul: of a vector", t -> t[0].matmul(t[1]), x -> {
          Nd y = Reference.matmul(x[0].reshape(1, x[0].v().length), x[1]);
          return drop(y, y.shape().length - 2);
        }).says(fit).exact().shapes("7,7x3", "7,2x7x3").bad("3,7x3").bench("1000,1000x1000").flops(3, PRODUCT),
        op("linear", t -> Functional.linear(t[0], t[1], t[2]), x -> Reference.linear(x[0], x[1], x[2])).says(fit)
            .exact().shapes("1x1,1x1,1", "3x7,5x7,5", "7,5x7,5", "2x3x7,8x7,8", "9x64,10x64,10", "1x13,31x13,31")
            .bad("1x10,10x3136,10", "3136,10x9,10").bench("100x784,256x784,256").flops(3, PRODUCT),
        op("linear: bare", t -> Functional.linear(t[0], t[1], null), x -> Reference.linear(x[0], x[1], null))
            .says(fit).exact().shapes("3x7,5x7", "1x3,1x3").bad("3x7,5x8").bench("100x784,256x784").flops(3, PRODUCT));
  }

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

  private static List<OpCase> convolutions() {
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

  private static List<OpCase> pools() {
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

  private static List<OpCase> norms() {
    String[] odd = {"3x1,1,1", "7x3,3,3", "9x64,64,64", "2x1x3x3,1,1", "2x3x7x8,3,3", "1x8x9x9,8,8", "3x13x3x5,13,13",
        "3x5x7,5,5"};
    return List.of(
        op("batchNorm", t -> Functional.batchNorm(t[0], null, null, t[1], t[2], true, 0.1, 1e-5),
            x -> Reference.batchNorm(x[0], x[1], x[2], null, null, 1e-5)).shapes(odd).within(1e-5)
            .bad("1x3,3,3", "7x3,4,4", "7,7,7", "2x3x4x4,3,4").bench(LAST + ",32,32")
            .settings(1e-5).flops(3, NORM),
        op("batchNorm: plain", t -> Functional.batchNorm(t[0], null, null, null, null, true, 0.1, 1e-3),
            x -> Reference.batchNorm(x[0], null, null, null, null, 1e-3)).says("batchNorm").shapes("7x3", "2x3x7x8")
            .within(1e-5).bench(LAST).settings(1e-3).flops(3, NORM),
        op("batchNorm: eval", t -> Functional.batchNorm(t[0], t[3], t[4], t[1], t[2], false, 0.1, 1e-5),
            x -> Reference.batchNorm(x[0], x[1], x[2], x[3], x[4], 1e-5)).says("batchNorm").range(0.2, 2)
            .constant(false, false, false, true, true)
            .shapes("1x3,3,3,3,3", "2x3x7x8,3,3,3,3", "1x64x3x3,64,64,64,64", "3x5x7,5,5,5,5")
            .bad("1x3,3,3,4,4").bench(LAST + ",32,32,32,32").settings(1e-5).flops(4, (t, y) -> 2.0 * y.size()),
        op("dropout", t -> dropout(t[0], 0.25), x -> kept(x[0], 0.25)).shapes("7", "3x7", "2x3x5x7").inMemoryOrder()
            .bench(IMAGES).settings(0.25));
  }

  /** From the same random state every time, so that the reference can know what is dropped. */
  private static Tensor dropout(Tensor x, double p) {
    Random.restore(5, 1000);
    return Functional.dropout(x, p, true);
  }

  /** Dropping depends on the place in memory alone, so a vector of ones tells what is kept. */
  private static Nd kept(Nd x, double p) {
    float[] mask = dropout(Tensor.ones(x.v().length), p).toFloats();
    Nd y = x.copy();
    for (int i = 0; i < mask.length; i++) y.v()[i] *= mask[i];
    return y;
  }

  private static List<OpCase> losses() {
    var rows = new ArrayList<OpCase>();
    for (Reduction r : Reduction.values()) {
      rows.add(op("crossEntropy: " + r, t -> Functional.crossEntropy(t[0], t[1], r),
          x -> Reference.nll(Reference.logSoftmax(x[0], 1), x[1], r.name())).says("crossEntropy").range(-6, 6)
          .shapes("1x1,1:i1", "3x7,3:i7", "9x10,9:i10", "31x64,31:i64").bad("3x7,4:i7", "7,7:i7")
              .bench("1000x10,1000:i10").settings(r.ordinal()));
      rows.add(op("nll: " + r, t -> Functional.nllLoss(t[0], t[1], r), x -> Reference.nll(x[0], x[1], r.name()))
          .says("nllLoss")
          .shapes("1x1,1:i1", "3x7,3:i7", "31x64,31:i64").bad("3x7,4:i7", "7,7:i7")
          .bench("1000x10,1000:i10").settings(r.ordinal()));
      rows.add(op("mse: " + r, t -> Functional.mseLoss(t[0], t[1], r), x -> Reference.mse(x[0], x[1], r.name()))
          .says("mseLoss")
          .shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7").bad("3,4", "3x1,3")
          .bench("1000x784,1000x784").settings(r.ordinal()));
      rows.add(op("bce: " + r, t -> Functional.bceLoss(t[0], t[1], r), x -> Reference.bce(x[0], x[1], r.name()))
          .says("bceLoss").range(0.05, 0.95).constant(false, true).shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7")
              .bad("3,4", "3x1,3").bench("1000x784,1000x784").settings(r.ordinal()));
      rows.add(op("bceWithLogits: " + r, t -> Functional.bceWithLogitsLoss(t[0], t[1], r),
          x -> Reference.bceWithLogits(x[0], x[1], r.name()))
          .says("bceWithLogitsLoss").range(-6, 6).constant(false, true)
          .shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7").bad("3,4", "3x1,3").bench("1000x784,1000x784")
          .settings(r.ordinal()));
    }
    rows.add(op("crossEntropy: pixels", t -> Functional.crossEntropy(t[0], t[1]), x -> {
      Nd logits = x[0].permute(0, 2, 3, 1).reshape(x[1].v().length, x[0].shape()[1]);
      return Reference.nll(Reference.logSoftmax(logits, 1), x[1].reshape(x[1].v().length), "MEAN");
    }).says("crossEntropy").shapes("2x3x5x7,2x5x7:i3").bench("10x10x28x28,10x28x28:i10")
        .settings(Reduction.MEAN.ordinal()));
    return rows;
  }
}
