package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.function;
import static io.github.einkorn.parity.Input.normal;
import static io.github.einkorn.parity.Input.uniform;

import io.github.einkorn.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The methods of Tensor that PyTorch has too. */
final class OpCases {
  private OpCases() {}

  static Stream<Case> all() {
    return Stream.of(arithmetic(), functions(), reductions(), extremes(), shapes(), comparisons(), products())
        .flatMap(List::stream);
  }

  private static Scalar number(double v) {
    return new Scalar(v);
  }

  private static LongOptional dim(long d) {
    return new LongOptional(d);
  }

  private static ScalarTypeOptional sameType() {
    return new ScalarTypeOptional();
  }

  private static UnaryOperator<org.bytedeco.pytorch.Tensor> clamp(double low, double high) {
    return x -> x.clamp(new ScalarOptional(number(low)), new ScalarOptional(number(high)));
  }

  private static List<Case> arithmetic() {
    return List.of(
        function("add", normal("3x4x5"), normal("3x4x5"), Tensor::add, (x, y) -> x.add(y)),
        function("add broadcast", normal("2x1x5"), normal("3x1"), Tensor::add, (x, y) -> x.add(y)),
        function("add of a scalar tensor", normal("2x3x4x5"), normal(""), Tensor::add, (x, y) -> x.add(y)),
        function("sub broadcast", normal("4x5"), normal("5"), Tensor::sub, (x, y) -> x.sub(y)),
        function("mul broadcast", normal("2x3x4x5"), normal("3x1x1"), Tensor::mul, (x, y) -> x.mul(y)),
        function("div broadcast", normal("4x1"), uniform("4x5", 0.5, 2), Tensor::div, (x, y) -> x.div(y)),
        function("div by 0", Input.of("4", 1, -1, 0, 2), Input.of("4", 0, 0, 0, -0.0), Tensor::div, (x, y) -> x.div(y)),
        function("maximum", normal("7x9"), normal("9"), Tensor::maximum, torch::maximum).each(),
        function("maximum of equals", Input.of("3", 1, 2, 0), Input.of("3", 1, 3, 0), Tensor::maximum, torch::maximum)
            .each(),
        function("maximum of NaN", Input.of("2", Double.NaN, 2).fixed(), Input.of("2", 1, Double.NaN).fixed(),
            Tensor::maximum, torch::maximum),
        function("minimum", normal("7x9"), normal("7x1"), Tensor::minimum, torch::minimum),
        function("minimum of equals", Input.of("3", 1, 2, 0), Input.of("3", 1, 3, 0), Tensor::minimum, torch::minimum)
            .each(),
        function("add a number", normal("37"), x -> x.add(0.1), x -> x.add(number(0.1))),
        function("sub a number", normal("37"), x -> x.sub(0.1), x -> x.sub(number(0.1))),
        function("rsub a number", normal("37"), x -> x.rsub(0.1), x -> torch.rsub(x, number(0.1))),
        function("mul a number", normal("37"), x -> x.mul(0.1), x -> x.mul(number(0.1))).each(),
        function("div by a number", normal("37"), x -> x.div(0.3), x -> x.div(number(0.3))).each(),
        function("rdiv a number", uniform("37", 0.5, 2), x -> x.rdiv(0.3), x -> x.reciprocal().mul(number(0.3))).each(),
        function("neg", normal("37"), Tensor::neg, x -> x.neg()).each(),
        function("add to itself", normal("37"), x -> x.add(x), x -> x.add(x)).each());
  }

  private static List<Case> functions() {
    return List.of(
        function("abs", Input.of("5", -1, 1, 0, -0.0, -3), Tensor::abs, x -> x.abs()).each(),
        function("square", normal("37"), Tensor::square, x -> x.square()).each(),
        function("sqrt", uniform("1000", 0, 9), Tensor::sqrt, x -> x.sqrt()).each(),
        function("sqrt at the edge", Input.of("4", 0, -1, Double.POSITIVE_INFINITY, 1e-40), Tensor::sqrt,
            x -> x.sqrt()).each(),
        function("exp", uniform("1000", -80, 80), Tensor::exp, x -> x.exp()).each(),
        function("exp at the edge", Input.of("6", 0, 88.8, -104, -90, Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY), Tensor::exp, x -> x.exp()),
        function("log", uniform("1000", 1e-6, 9), Tensor::log, x -> x.log()).each(),
        function("log at the edge", Input.of("6", 0, -1, 1, 1e-40, Double.POSITIVE_INFINITY, Double.NaN), Tensor::log,
            x -> x.log()).each(),
        function("pow 3", normal("37"), x -> x.pow(3), x -> x.pow(number(3))).each(),
        function("pow 0.5", uniform("37", 0, 9), x -> x.pow(0.5), x -> x.pow(number(0.5))).each(),
        function("pow -1.5", uniform("37", 0.5, 9), x -> x.pow(-1.5), x -> x.pow(number(-1.5))).each(),
        function("pow 0", Input.of("3", 0, -2, 5), x -> x.pow(0), x -> x.pow(number(0))).each(),
        function("pow 2 and 1 at 0", Input.of("3", 0, -2, 5), x -> x.pow(2).add(x.pow(1)),
            x -> x.pow(number(2)).add(x.pow(number(1)))).each(),
        function("clamp", normal("100"), x -> x.clamp(-0.5, 0.7), clamp(-0.5, 0.7)).each(),
        function("clamp at its ends", Input.of("5", -0.5, 0.75, 0, Double.NaN, Double.POSITIVE_INFINITY),
            x -> x.clamp(-0.5, 0.75), clamp(-0.5, 0.75)).each(),
        function("relu", normal("37"), Tensor::relu, x -> x.relu()).each(),
        function("relu of NaN", Input.of("3", Double.NaN, 1, -1), Tensor::relu, x -> x.relu()).each(),
        function("sigmoid", normal("37"), Tensor::sigmoid, x -> x.sigmoid()),
        function("tanh", normal("37"), Tensor::tanh, x -> x.tanh()),
        function("tanh of small", uniform("100", -1e-3, 1e-3), Tensor::tanh, x -> x.tanh()).each());
  }

  private static List<Case> reductions() {
    return List.of(
        function("sum", normal("3x4x5"), x -> x.sum(), x -> x.sum()),
        function("sum of a million", uniform("1000x1000", 0, 1), x -> x.sum(), x -> x.sum()),
        function("sum of rows", normal("30x40"), x -> x.sum(0), x -> x.sum(0)),
        function("sum over two, kept", normal("2x3x4x5"), x -> x.sum(true, 0, 2),
            x -> x.sum(new long[] {0, 2}, true, sameType())),
        function("mean", normal("3x4x5"), x -> x.mean(), x -> x.mean()),
        function("mean over places", normal("2x3x14x14"), x -> x.mean(2, 3), x -> x.mean(2, 3)),
        function("mean over the last, kept", normal("2x3x4"), x -> x.mean(true, -1),
            x -> x.mean(new long[] {-1}, true, sameType())),
        function("softmax of a dimension", normal("3x4x5"), x -> x.softmax(1), x -> x.softmax(1)),
        function("sum of integers", Input.longs("2x2", 1L << 40, 2, 3, -4), x -> x.sum(), x -> x.sum()));
  }

  private static List<Case> extremes() {
    Input ties = Input.of("2x4", 1, 3, 3, 0, 2, 2, 2, 2), nan = Input.of("2x3", 1, Double.NaN, 3, Double.NaN, 5, 0);
    return List.of(
        function("max", normal("5x6"), x -> x.max(), x -> x.max()),
        function("min", normal("5x6"), x -> x.min(), x -> x.min()),
        function("max of columns", normal("5x6"), x -> x.max(0), x -> x.max(0).get0()),
        function("min of the last", normal("5x6x7"), x -> x.min(-1), x -> x.min(-1).get0()),
        function("max of equals", ties, x -> x.max(1), x -> x.max(1).get0()),
        function("max of NaN", nan, x -> x.max(1), x -> x.max(1).get0()),
        function("min of NaN", nan, x -> x.min(1), x -> x.min(1).get0()),
        function("argmax", normal("5x60").fixed(), x -> x.argmax(1), x -> x.argmax(dim(1), false)),
        function("argmax of all", normal("5x60").fixed(), x -> x.argmax(), x -> x.argmax()),
        function("argmax of equals", ties.fixed(), x -> x.argmax(1), x -> x.argmax(dim(1), false)),
        function("argmax of NaN", nan.fixed(), x -> x.argmax(1), x -> x.argmax(dim(1), false)),
        function("argmin of equals", ties.fixed(), x -> x.argmin(-1), x -> x.argmin(dim(-1), false)),
        function("argmin of NaN", nan.fixed(), x -> x.argmin(0), x -> x.argmin(dim(0), false)),
        function("argmax of integers", Input.longs("4", 1L << 60, (1L << 60) + 1, 3, 4), x -> x.argmax(0),
            x -> x.argmax(dim(0), false)));
  }

  private static List<Case> shapes() {
    return List.of(
        function("reshape", normal("2x3x4"), x -> x.reshape(6, -1), x -> x.reshape(6, -1)).each(),
        function("flatten", normal("2x3x4x5"), x -> x.flatten(2), x -> x.flatten(2, -1)).each(),
        function("squeeze, unsqueeze", normal("2x1x4"), x -> x.squeeze(1).unsqueeze(0),
            x -> x.squeeze(1).unsqueeze(0)).each(),
        function("permute", normal("2x3x4x5"), x -> x.permute(3, 1, 0, 2), x -> x.permute(3, 1, 0, 2)).each(),
        function("transpose", normal("2x3x4"), x -> x.transpose(0, -1), x -> x.transpose(0, -1)).each(),
        function("t", normal("3x4"), Tensor::t, x -> x.t()).each(),
        function("narrow", normal("3x7x2"), x -> x.narrow(1, 2, 3), x -> x.narrow(1, 2, 3)).each(),
        function("select", normal("3x7x2"), x -> x.select(1, -2), x -> x.select(1, -2)).each(),
        function("indexSelect", List.of(normal("5x3"), Input.longs("4", 3, 0, 3, 3)),
            x -> x.get(0).indexSelect(x.get(1)), x -> x.get(0).index_select(0, x.get(1))),
        function("cat", normal("2x3"), normal("2x4"), (x, y) -> Tensor.cat(1, x, y),
            (x, y) -> torch.cat(Torch.vector(List.of(x, y)), 1)).each(),
        function("stack", normal("2x3"), normal("2x3"), (x, y) -> Tensor.stack(1, x, y),
            (x, y) -> torch.stack(Torch.vector(List.of(x, y)), 1)).each(),
        function("pad2d", normal("2x3x4x5"), x -> x.pad2d(1, 2, 0, 3, 0.5),
            x -> torch.constant_pad_nd(x, new long[] {2, 3, 1, 0}, number(0.5))).each(),
        function("oneHot", Input.labels("7", 5), x -> Tensor.oneHot(x, 5), x -> torch.one_hot(x, 5)
            .to(ScalarType.Float)).each());
  }

  private static List<Case> comparisons() {
    Input x = Input.of("4", 1, 2, Double.NaN, 3).fixed(), y = Input.of("4", 1, 3, Double.NaN, 2).fixed();
    Input longs = Input.longs("3", 1, (1L << 60) + 1, -5), others = Input.longs("3", 1, 1L << 60, 5);
    return List.of(
        function("eq", x, y, Tensor::eq, (a, b) -> a.eq(b)),
        function("ne", x, y, Tensor::ne, (a, b) -> a.ne(b)),
        function("lt", x, y, Tensor::lt, (a, b) -> a.lt(b)),
        function("le", x, y, Tensor::le, (a, b) -> a.le(b)),
        function("gt", x, y, Tensor::gt, (a, b) -> a.gt(b)),
        function("ge", x, y, Tensor::ge, (a, b) -> a.ge(b)),
        function("gt a number", x, a -> a.gt(1.5), a -> a.gt(number(1.5))),
        function("gt of integers", longs, others, Tensor::gt, (a, b) -> a.gt(b)),
        function("eq of integers", longs, others, Tensor::eq, (a, b) -> a.eq(b)));
  }

  private static List<Case> products() {
    return List.of(
        function("matmul of vectors", normal("70"), normal("70"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul of matrices", normal("7x20"), normal("20x9"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul 100x256x784", normal("100x784"), normal("784x256"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul matrix by vector", normal("7x20"), normal("20"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul vector by matrix", normal("7"), normal("7x20"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul of batches", normal("4x7x20"), normal("4x20x9"), Tensor::matmul, (x, y) -> x.matmul(y)),
        function("matmul broadcast", normal("2x1x7x5"), normal("3x5x6"), Tensor::matmul, (x, y) -> x.matmul(y)));
  }
}
