package io.github.einkorn.examples;

import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adagrad;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.RMSprop;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;

/**
 * The ways of optimizers on surfaces: one that is the mean of a hundred, a narrow valley, an even slope, and one with a
 * hollow on the way; then the same optimizers on MNIST.
 *
 * <p>The lecture has pictures and no figures. Ours on surfaces follow from the formulas: on an even slope AdaGrad's
 * steps shrink as 1/√t, so that the hundredth is a tenth of the first, and those of RMSProp and Adam tend to the
 * learning rate; the hollow's lowest point solves x/10 + 1.2 (x + 3) e^(-(x + 3)²) = 0.
 */
@Command(name = "OptimizerPaths", header = "S2", description = "Eight optimizers on surfaces and on MNIST, drawn")
final class OptimizerPaths extends MnistExample {
  private static final int SAMPLES = 100;

  /** A way of training: how many samples a step sees, and what it does with their gradient. */
  private record Way(String name, int batch, Descent.Maker maker) {}

  @Override
  List<Figure> run() throws IOException {
    var figures = new ArrayList<Figure>();
    for (var part : List.of(batches(), valley(), slope(), hollow(), mnist())) figures.addAll(part);
    return figures.stream().map(Figure::own).toList();
  }

  /** x²/20 + y² for each row of p (…, 2). */
  private static Tensor bowl(Tensor p) {
    return p.square().mul(Tensor.of(0.05f, 1)).sum(-1);
  }

  private static double bowl(double x, double y) {
    return x * x / 20 + y * y;
  }

  /** Each sample's bowl has its own middle; their mean is the bowl around 0, which only all samples show. */
  private List<Figure> batches() throws IOException {
    Tensor middles = Tensor.randn(SAMPLES, 2);
    Tensor centred = middles.sub(middles.mean(true, 0));
    Descent.Maker sgd = p -> new SGD(p, 0.4);
    var ways = new LinkedHashMap<String, Descent>();
    ways.put("GD, all samples", Descent.of(p -> bowl(p.sub(centred)).mean(), 40, sgd));
    for (int batch : new int[] {10, 1}) {
      ways.put(batch == 1 ? "SGD, 1 sample" : "mini-batches of " + batch, Descent.of(p -> {
        Tensor drawn = Tensor.rand(batch).mul(SAMPLES).to(DType.INT64);
        return bowl(p.sub(centred.indexSelect(drawn))).mean();
      }, 40, sgd));
    }
    draw(picture("batches.png"), "40 steps on the mean of 100 bowls", OptimizerPaths::bowl, ways);
    double[] lengths = ways.values().stream().mapToDouble(Descent::length).toArray();
    System.out.printf("40 steps: GD goes %.1f far, mini-batches %.1f, SGD %.1f%n", lengths[0], lengths[1], lengths[2]);
    return List.of(Figure.holds("SGD's way is more winding than mini-batches', theirs more than GD's",
        lengths[2] > lengths[1] && lengths[1] > lengths[0]));
  }

  private List<Figure> valley() throws IOException {
    int steps = 50;
    var makers = new LinkedHashMap<String, Descent.Maker>();
    makers.put("GD", p -> new SGD(p, 0.95));
    makers.put("Momentum", p -> new SGD(p, 0.1).momentum(0.9));
    makers.put("Nesterov", p -> new SGD(p, 0.1).momentum(0.9).nesterov(true));
    makers.put("AdaGrad", p -> new Adagrad(p, 1.5));
    makers.put("RMSProp", p -> new RMSprop(p, 0.2).alpha(0.9));
    makers.put("Adam", p -> new Adam(p, 0.3));
    var ways = new LinkedHashMap<String, Descent>();
    makers.forEach((name, maker) -> ways.put(name, Descent.of(OptimizerPaths::bowl, steps, maker)));
    ways.forEach((name, way) -> System.out.printf("%-9s after %d steps at (%6.3f, %6.3f), height %.5f; crossed the"
        + " valley %d times%n", name, steps, way.end()[0], way.end()[1], height(way), way.crossings()));
    draw(picture("valley.png"), "50 steps on x²/20 + y², from (-7, 2)", OptimizerPaths::bowl, ways);
    double worst = ways.values().stream().mapToDouble(OptimizerPaths::height).max().getAsDouble();
    return List.of(
        Figure.atMost("valley: the most that 50 steps leave of the height", 0.1, worst / bowl(-7, 2)),
        Figure.equal("steps in which GD crosses it", steps, ways.get("GD").crossings()),
        Figure.equal("and AdaGrad", 0, ways.get("AdaGrad").crossings()));
  }

  private static double height(Descent way) {
    return bowl(way.end()[0], way.end()[1]);
  }

  private List<Figure> slope() throws IOException {
    double rate = 0.1;
    UnaryOperator<Tensor> even = p -> p.select(0, 0);
    var lengths = new LinkedHashMap<String, List<Double>>();
    lengths.put("AdaGrad", Descent.of(even, 100, p -> new Adagrad(p, rate)).steps());
    lengths.put("RMSProp", Descent.of(even, 100, p -> new RMSprop(p, rate).alpha(0.9)).steps());
    lengths.put("Adam", Descent.of(even, 100, p -> new Adam(p, rate)).steps());
    Pictures.curves(picture("steps.png"), "An even slope, learning rate " + rate, "step", "length of the step",
        lengths);
    return List.of(
        Figure.near("even slope: AdaGrad's 100th step, of the rate", 0.1, 0.001, lengths.get("AdaGrad").get(99) / rate),
        Figure.near("RMSProp's", 1, 0.001, lengths.get("RMSProp").get(99) / rate),
        Figure.near("Adam's", 1, 0.001, lengths.get("Adam").get(99) / rate));
  }

  /** A hollow around (-3, 0) holds plain descent; momentum rolls through. */
  private List<Figure> hollow() throws IOException {
    Tensor opposite = Tensor.of(3f, 0);
    UnaryOperator<Tensor> cost = p -> bowl(p).sub(p.add(opposite).square().sum(-1).neg().exp().mul(0.6));
    var ways = new LinkedHashMap<String, Descent>();
    ways.put("GD", Descent.of(cost, 200, p -> new SGD(p, 0.1)));
    ways.put("Momentum", Descent.of(cost, 200, p -> new SGD(p, 0.1).momentum(0.9)));
    draw(picture("hollow.png"), "A local minimum at (-2.76, 0): momentum leaves it",
        (x, y) -> bowl(x, y) - 0.6 * Math.exp(-(x + 3) * (x + 3) - y * y), ways);
    double gd = ways.get("GD").end()[0];
    double momentum = ways.get("Momentum").end()[0];
    System.out.printf("The hollow: GD ends at x = %.3f, momentum at x = %.3f%n", gd, momentum);
    return List.of(Figure.near("the hollow holds GD at x", -2.756, 0.01, gd),
        Figure.near("momentum goes on to x", 0, 0.1, momentum));
  }

  private static void draw(Path file, String title, DoubleBinaryOperator f, Map<String, Descent> ways)
      throws IOException {
    var paths = new LinkedHashMap<String, List<double[]>>();
    ways.forEach((name, way) -> paths.put(name, way.points()));
    Pictures.paths(file, title, f, new double[] {-8, 4}, new double[] {-3, 3}, paths);
  }

  private List<Figure> mnist() throws IOException {
    Dataset train = mnistTrain().take(20_000);
    Dataset test = mnistTest();
    var ways = List.of(
        new Way("GD", train.size(), p -> new SGD(p, 0.1)),
        new Way("SGD", 1, p -> new SGD(p, 0.01)),
        new Way("mini-batches", 100, p -> new SGD(p, 0.1)),
        new Way("Momentum", 100, p -> new SGD(p, 0.05).momentum(0.9)),
        new Way("Nesterov", 100, p -> new SGD(p, 0.05).momentum(0.9).nesterov(true)),
        new Way("AdaGrad", 100, p -> new Adagrad(p, 0.02)),
        new Way("RMSProp", 100, p -> new RMSprop(p, 0.001)),
        new Way("Adam", 100, p -> new Adam(p, 0.001)));
    var curves = new LinkedHashMap<String, List<Double>>();
    var accuracies = new LinkedHashMap<String, Double>();
    for (Way way : ways) {
      Einkorn.seed(seed()); // all from the same weights
      var model = new Sequential(new Flatten(), new Linear(784, 100), new ReLU(), new Linear(100, 10));
      var data = new DataLoader(train).batchSize(way.batch).shuffle(true);
      System.out.printf("%n%s: %,d steps an epoch%n", way.name, data.batches());
      curves.put(way.name, Loop.train(model, way.maker.of(model.parameters()), data, epochs(10, 10)));
      accuracies.put(way.name, Loop.accuracy(model, test));
    }
    Pictures.curves(picture("mnist.png"), "MNIST, 784-100-10: as many epochs by eight optimizers", "epoch", "cost",
        curves);
    double gd = accuracies.remove("GD");
    double least = accuracies.values().stream().mapToDouble(a -> a).min().getAsDouble();
    return List.of(Figure.atLeast("MNIST: the least accuracy of seven", either(0.93, 0.8), least),
        Figure.holds("GD, with one step an epoch, is behind them all", gd < least));
  }
}
