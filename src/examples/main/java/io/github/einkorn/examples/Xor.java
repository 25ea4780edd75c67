package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.BCELoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Sigmoid;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/** XOR: one layer must fail for every seed, hidden layers solve it for most. */
@Command(name = "Xor", header = "S1, S3", description = "XOR: a single layer cannot, hidden layers can")
final class Xor extends Example {
  private static final Tensor X = Gates.X;
  private static final Tensor Y = Tensor.of(new float[][] {{0}, {1}, {1}, {0}}).keep();
  private static final int STEPS = 10_001;

  private record Result(List<Double> costs, double cost, double accuracy) {}

  @Override
  List<Figure> run() throws IOException {
    var single = new Sequential(new Linear(2, 1), new Sigmoid());
    var small = new Sequential(new Linear(2, 2), new Sigmoid(), new Linear(2, 1), new Sigmoid());
    var deep = new Sequential(new Linear(2, 10), new Sigmoid(), new Linear(10, 10), new Sigmoid(),
        new Linear(10, 10), new Sigmoid(), new Linear(10, 1), new Sigmoid());

    var curves = new LinkedHashMap<String, List<Double>>();
    curves.put("2-1", train(single, seed(), true).costs);
    curves.put("2-2-1", train(small, seed(), true).costs);
    curves.put("2-10-10-10-1", train(deep, seed(), true).costs);
    Pictures.curves(picture("cost.png"), "XOR: cost by depth", "hundreds of steps", "cost", curves);

    double worst = 0;
    double accuracy = 0;
    int seeds = either(10, 2);
    for (int s = 0; s < seeds; s++) {
      Result r = train(single, s, false);
      worst = Math.max(worst, Math.abs(r.cost - Math.log(2)));
      accuracy = Math.max(accuracy, r.accuracy);
    }
    System.out.printf("2-1: the cost ends within %.1e of ln 2 = 0.693147, the accuracy at %.2f%n", worst, accuracy);
    int solvedSmall = solved(small, either(100, 6));
    int solvedDeep = solved(deep, either(40, 3));
    return List.of(
        Figure.near("2-1: cost, for every seed", 0.693147, 1e-6, Math.log(2) + worst),
        Figure.near("2-1: accuracy", 0.5, 0, accuracy),
        Figure.atLeast("2-2-1 solves, of " + either(100, 6), either(51, 4), solvedSmall),
        Figure.atLeast("2-10-10-10-1 solves, of " + either(40, 3), either(36, 2), solvedDeep));
  }

  private static int solved(Layer model, int seeds) {
    int solved = 0;
    for (int s = 0; s < seeds; s++) if (train(model, s, false).accuracy == 1) solved++;
    System.out.printf("%s: %d of %d seeds solve it%n", widths(model), solved, seeds);
    return solved;
  }

  private static String widths(Layer model) {
    var widths = new StringBuilder("2");
    for (Layer l : model.layers()) if (l instanceof Linear linear) widths.append("-").append(linear.weight().dim(0));
    return widths.toString();
  }

  private static Result train(Layer model, long seed, boolean print) {
    Einkorn.seed(seed);
    model.reset(); // draws every parameter anew
    var criterion = new BCELoss();
    var sgd = new SGD(model.parameters(), 1);
    var costs = new ArrayList<Double>();
    double last = 0;
    for (int step = 0; step < STEPS; step++) {
      try (var scope = new Scope()) {
        sgd.zeroGrad();
        Tensor hypothesis = model.forward(X);
        Tensor cost = criterion.forward(hypothesis, Y);
        cost.backward();
        sgd.step();
        last = cost.item();
      }
      if (step % 100 == 0) {
        costs.add(last);
        if (print && step % 1000 == 0) System.out.println(step + " " + (float) last);
      }
    }
    try (var scope = new Scope()) {
      Tensor hypothesis = model.predict(X);
      double accuracy = hypothesis.gt(0.5).eq(Y.gt(0.5)).mean().item();
      if (print) System.out.printf("%s: cost %.6f, accuracy %.2f%n%n", widths(model), last, accuracy);
      return new Result(costs, last, accuracy);
    }
  }
}
