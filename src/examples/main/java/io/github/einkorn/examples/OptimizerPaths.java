package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.crossEntropy;

import io.github.einkorn.Einkorn;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adagrad;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.RMSprop;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * The ways of optimizers down three surfaces: one that differs from sample to sample, a narrow valley, and one with a
 * hollow on the way; then the same optimizers on MNIST.
 */
@Command(name = "OptimizerPaths", header = "S2", description = "Eight optimizers on surfaces and on MNIST, drawn")
final class OptimizerPaths extends Example {
  private static final double[] X = {-8, 4};
  private static final double[] Y = {-3, 3};
  private static final int SAMPLES = 100;
  private static final int TENTHS = 10; // of an epoch, at which MNIST's cost is looked at

  /** A way of training: how many samples a step sees (0: all), and what it does with the gradient. */
  private record Way(String name, int batch, Stepper stepper) {}

  private interface Stepper {
    Optimizer of(List<Tensor> parameters);
  }

  private interface Cost {
    Tensor of(Tensor p);
  }

  @Override
  List<Figure> run() throws IOException {
    var figures = new ArrayList<Figure>();
    figures.addAll(batches());
    figures.addAll(valley());
    figures.addAll(hollow());
    figures.addAll(mnist());
    return figures;
  }

  // ---- surfaces ----

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
    Tensor centred = middles.sub(middles.mean(true, 0)).keep();
    var paths = new LinkedHashMap<String, List<double[]>>();
    for (int batch : new int[] {1, 10, SAMPLES}) {
      String name = batch == 1 ? "SGD, 1 sample" : batch == SAMPLES ? "GD, all samples" : "mini-batch of 10";
      paths.put(name, descend(p -> bowl(p.sub(centred.indexSelect(draw(batch)))).mean(), 40,
          parameters -> new SGD(parameters, 0.4)));
    }
    Pictures.paths(picture("batches.png"), "GD, mini-batch and SGD on the mean of 100 bowls",
        OptimizerPaths::bowl, X, Y, paths);
    double one = length(paths.get("SGD, 1 sample"));
    double some = length(paths.get("mini-batch of 10"));
    double all = length(paths.get("GD, all samples"));
    System.out.printf("40 steps: GD goes %.1f far, mini-batches %.1f, SGD %.1f%n", all, some, one);
    return List.of(Figure.holds("SGD's way is more winding than mini-batches', theirs more than GD's",
        one > some && some > all));
  }

  /** So many of the samples, without repetition. */
  private static Tensor draw(int n) {
    if (n == SAMPLES) return Tensor.arange(SAMPLES);
    long[] rows = new long[n];
    float[] order = Tensor.rand(SAMPLES).toFloats();
    for (int i = 0; i < n; i++) {
      int least = 0;
      for (int k = 1; k < SAMPLES; k++) if (order[k] < order[least]) least = k;
      rows[i] = least;
      order[least] = 2;
    }
    return Tensor.of(rows);
  }

  private List<Figure> valley() throws IOException {
    var paths = new LinkedHashMap<String, List<double[]>>();
    int steps = 50;
    paths.put("GD", descend(OptimizerPaths::bowl, steps, p -> new SGD(p, 0.95)));
    paths.put("Momentum", descend(OptimizerPaths::bowl, steps, p -> new SGD(p, 0.1).momentum(0.9)));
    paths.put("Nesterov", descend(OptimizerPaths::bowl, steps, p -> new SGD(p, 0.1).momentum(0.9).nesterov(true)));
    paths.put("AdaGrad", descend(OptimizerPaths::bowl, steps, p -> new Adagrad(p, 1.5)));
    paths.put("RMSProp", descend(OptimizerPaths::bowl, steps, p -> new RMSprop(p, 0.2).alpha(0.9)));
    paths.put("Adam", descend(OptimizerPaths::bowl, steps, p -> new Adam(p, 0.3)));
    Pictures.paths(picture("valley.png"), "Optimizers on x²/20 + y², from (-7, 2)", OptimizerPaths::bowl, X, Y, paths);
    var figures = new ArrayList<Figure>();
    paths.forEach((name, path) -> {
      double[] end = path.get(steps);
      System.out.printf("%-9s after %d steps at (%6.3f, %6.3f), height %.5f%n", name, steps, end[0], end[1],
          bowl(end[0], end[1]));
      figures.add(Figure.atMost(name + ": height at the end, of " + bowl(-7, 2), 0.1, bowl(end[0], end[1])));
    });
    List<double[]> adagrad = paths.get("AdaGrad");
    figures.add(Figure.atMost("AdaGrad's last step, of its first", 0.05,
        length(adagrad.subList(steps - 1, steps + 1)) / length(adagrad.subList(0, 2))));
    return figures;
  }

  /** A hollow at (-3, 0) holds plain descent; momentum rolls through. */
  private List<Figure> hollow() throws IOException {
    Tensor at = Tensor.of(3f, 0).keep();
    Cost hollow = p -> bowl(p).sub(p.add(at).square().sum(-1).neg().exp().mul(0.6));
    var paths = new LinkedHashMap<String, List<double[]>>();
    paths.put("GD", descend(hollow, 80, p -> new SGD(p, 0.1)));
    paths.put("Momentum", descend(hollow, 80, p -> new SGD(p, 0.1).momentum(0.9)));
    Pictures.paths(picture("hollow.png"), "A local minimum at (-2.8, 0): momentum leaves it",
        (x, y) -> bowl(x, y) - 0.6 * Math.exp(-(x + 3) * (x + 3) - y * y), X, Y, paths);
    double gd = paths.get("GD").get(80)[0];
    double momentum = paths.get("Momentum").get(80)[0];
    System.out.printf("The hollow: GD ends at x = %.2f, momentum at x = %.2f%n", gd, momentum);
    return List.of(
        Figure.near("the hollow holds GD at x", -2.79, 0.05, gd),
        Figure.near("momentum goes on to x", 0, 0.5, momentum));
  }

  /** The points from (-7, 2) on, one more than there are steps. */
  private static List<double[]> descend(Cost cost, int steps, Stepper stepper) {
    Tensor p = Tensor.of(-7f, 2).keep().requiresGrad(true);
    Optimizer optimizer = stepper.of(List.of(p));
    var path = new ArrayList<double[]>();
    path.add(point(p));
    for (int i = 0; i < steps; i++) {
      try (var scope = new Scope()) {
        optimizer.zeroGrad();
        cost.of(p).backward();
        optimizer.step();
        path.add(point(p));
      }
    }
    return path;
  }

  private static double[] point(Tensor p) {
    float[] v = p.toFloats();
    return new double[] {v[0], v[1]};
  }

  private static double length(List<double[]> path) {
    double sum = 0;
    for (int i = 1; i < path.size(); i++) {
      sum += Math.hypot(path.get(i)[0] - path.get(i - 1)[0], path.get(i)[1] - path.get(i - 1)[1]);
    }
    return sum;
  }

  // ---- MNIST ----

  private List<Figure> mnist() throws IOException {
    Dataset train = mnistTrain().take(20_000);
    Dataset test = mnistTest();
    var ways = List.of(
        new Way("GD", 0, p -> new SGD(p, 0.1)),
        new Way("SGD", 1, p -> new SGD(p, 0.01)),
        new Way("mini-batch", 100, p -> new SGD(p, 0.1)),
        new Way("Momentum", 100, p -> new SGD(p, 0.05).momentum(0.9)),
        new Way("Nesterov", 100, p -> new SGD(p, 0.05).momentum(0.9).nesterov(true)),
        new Way("AdaGrad", 100, p -> new Adagrad(p, 0.02)),
        new Way("RMSProp", 100, p -> new RMSprop(p, 0.001)),
        new Way("Adam", 100, p -> new Adam(p, 0.001)));
    var curves = new LinkedHashMap<String, List<Double>>();
    var figures = new ArrayList<Figure>();
    int epochs = epochs(3, 3);
    double gd = 0;
    for (Way way : ways) {
      Einkorn.seed(seed()); // all from the same weights
      var model = new Sequential(new Flatten(), new Linear(784, 100), new ReLU(), new Linear(100, 10));
      curves.put(way.name, train(model, way, train, test.take(1000), epochs));
      double accuracy = Loop.accuracy(model, test, 1);
      System.out.printf("%-10s accuracy %.4f after %d epochs%n", way.name, accuracy, epochs);
      if (way.batch == 0) gd = accuracy;
      else figures.add(Figure.atLeast("MNIST, " + way.name + ": accuracy", either(0.93, 0.8), accuracy));
    }
    Pictures.curves(picture("mnist.png"), "MNIST, 784-100-10: the same epochs by eight optimizers",
        "tenths of an epoch", "cost on 1,000 test images", curves);
    figures.add(Figure.atMost("MNIST, GD: accuracy after as many epochs", 0.8, gd));
    return figures;
  }

  /** The cost on other images after each tenth of an epoch. */
  private static List<Double> train(Layer model, Way way, Dataset images, Dataset test, int epochs) {
    Optimizer optimizer = way.stepper.of(model.parameters());
    var data = new DataLoader(images).batchSize(way.batch == 0 ? images.size() : way.batch).shuffle(true);
    Batch unseen = new DataLoader(test).batchSize(test.size()).iterator().next();
    var costs = new ArrayList<Double>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      int step = 0;
      for (Batch batch : data) {
        try (var scope = new Scope()) {
          optimizer.zeroGrad();
          crossEntropy(model.forward(batch.x()), batch.y()).backward();
          optimizer.step();
          step++;
          int passed = TENTHS * epoch + TENTHS * step / data.batches();
          while (costs.size() < passed) costs.add(cost(model, unseen));
        }
      }
    }
    return costs;
  }

  private static double cost(Layer model, Batch batch) {
    try (var off = new NoGrad()) {
      return crossEntropy(model.forward(batch.x()), batch.y()).item();
    }
  }
}
