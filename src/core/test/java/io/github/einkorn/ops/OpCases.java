package io.github.einkorn.ops;

import io.github.einkorn.DType;
import io.github.einkorn.Random;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Functional;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
  static final String LAST = IMAGES + ":last";
  private static final String VIEW = "a view of the same memory";
  private static final ToDoubleBiFunction<Tensor[], Tensor> PRODUCT = (t, y) -> 2.0 * y.size() * t[0].dim(-1);
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
    return Stream.of(elementWise(), binary(), comparisons(), reductions(), shapes(), matrices(),
        WindowRows.convolutions(), WindowRows.pools(), ImageCases.all(), norms(), LossRows.all(),
        LayerRows.activations(), LayerRows.norms(), LayerRows.columns()).flatMap(List::stream).toList();
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
        each("relu6", Functional::relu6, x -> Math.min(Math.max(x, 0), 6)).range(-3, 9).awayFrom(0, 6),
        each("affine: add", x -> x.add(3), x -> x + 3).settings(1, 3),
        each("affine: sub", x -> x.sub(0.5), x -> x - 0.5).settings(1, -0.5),
        each("affine: rsub", x -> x.rsub(1), x -> 1 - x).settings(-1, 1),
        each("affine: mul", x -> x.mul(-2.5), x -> -2.5 * x).settings(-2.5, 0),
        each("divScalar", x -> x.div(7), x -> x / 7).says("div").settings(7),
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

  static Nd drop(Nd x, int dim) {
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
        op("toFormat", t -> t[0].channelsLast(), x -> x[0]).says("channels-last")
            .shapes("1x8x3x3", "3x1x7x7", "2x3x5x7").exact().bad("3x5").bench(IMAGES).javaOnly("permute's kernel"),
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
            .says(fit).exact().shapes("3x7,5x7", "1x3,1x3").bad("3x7,5x8").bench("100x784,256x784").flops(3, PRODUCT),
        op("linear: few rows", t -> Functional.linear(t[0], t[1], t[2]),
            x -> Reference.linear(x[0], x[1], x[2])).says(fit).exact()
            .shapes("1x130,521x130,521", "3x203,131x203,131", "8x71,133x71,133").bad("1x130,521x131,521")
            .bench("1x512,1000x512,1000").flops(3, PRODUCT),
        linear(Activation.RELU, x -> Math.max(x, 0)), linear(Activation.RELU6, x -> Math.min(Math.max(x, 0), 6)),
        linear(Activation.TANH, Math::tanh), linear(Activation.SIGMOID, x -> 1 / (1 + Math.exp(-x))));
  }

  private static OpCase linear(Activation behind, DoubleUnaryOperator f) {
    return op("linear: " + behind.name().toLowerCase(Locale.ROOT), t -> Linear.apply(t[0], t[1], t[2], behind),
        x -> Reference.linear(x[0], x[1], x[2]).map(f)).says("shapes cannot be multiplied").bad("3x7,5x8,5")
        .shapes("1x1,1x1,1", "3x7,5x7,5", "7,5x7,5", "2x3x7,8x7,8", "9x64,31x64,31").within(4e-6)
        .bench("100x784,256x784,256").settings(behind.ordinal()).flops(3, PRODUCT);
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
        residual("", Activation.IDENTITY, Double::sum),
        residual(", relu", Activation.RELU, (a, b) -> Math.max(a + b, 0)),
        op("batchNorm: eval", t -> Functional.batchNorm(t[0], t[3], t[4], t[1], t[2], false, 0.1, 1e-5),
            x -> Reference.batchNorm(x[0], x[1], x[2], x[3], x[4], 1e-5)).says("batchNorm").range(0.2, 2)
            .constant(false, false, false, true, true)
            .shapes("1x3,3,3,3,3", "2x3x7x8,3,3,3,3", "1x64x3x3,64,64,64,64", "3x5x7,5,5,5,5")
            .bad("1x3,3,3,4,4").bench(LAST + ",32,32,32,32").settings(1e-5).flops(4, (t, y) -> 2.0 * y.size()),
        op("dropout", t -> dropout(t[0], 0.25), x -> kept(x[0], 0.25)).shapes("7", "3x7", "2x3x5x7").inMemoryOrder()
            .bench(IMAGES).settings(0.25));
  }

  /** The end of a residual block in training. */
  private static OpCase residual(String behind, Activation activation, DoubleBinaryOperator sum) {
    return op("batchNorm: residual" + behind,
        t -> BatchNorm.train(t[0], t[1], t[2], null, null, 0, 1e-5f, activation, t[3]),
        x -> Nd.zip(Reference.batchNorm(x[0], x[1], x[2], null, null, 1e-5), x[3], sum)).says("batchNorm")
        .shapes("7x3,3,3,7x3", "9x64,64,64,9x64", "2x3x7x8,3,3,2x3x7x8", "3x13x3x5,13,13,3x13x3x5").within(1e-5)
        .bad("7x3,3,3,1x3", "2x3x4x4,3,3,2x3x4x5").bench(LAST + ",32,32," + LAST)
        .settings(1e-5, activation.ordinal()).flops(3, NORM);
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
}
