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
import io.github.einkorn.nn.L1;
import io.github.einkorn.nn.L2;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Regularizer;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.AdamW;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** A net that learns 1,000 digits by heart, and what holds it back: L1, L2 and weight decay. */
@Command(name = "Regularizers", header = "S2", description = "L1, L2 and weight decay against learning by heart")
final class Regularizers extends Example {
  /** What the cost of a net was after each epoch, without penalties, and what became of its weights. */
  private record Result(List<Double> training, List<Double> validation, double accuracy, double square, double small) {
    /** How much worse it is on images that it has not seen. */
    double gap() {
      return validation.get(validation.size() - 1) - training.get(training.size() - 1);
    }
  }

  @Override
  List<Figure> run() throws IOException {
    var results = new LinkedHashMap<String, Result>();
    results.put("none", train(w -> Tensor.full(0), 0));
    results.put("L1 0.0002", train(new L1(0.0002), 0));
    results.put("L2 0.002", train(new L2(0.002), 0));
    results.put("weight decay 0.5", train(w -> Tensor.full(0), 0.5));

    var training = new LinkedHashMap<String, List<Double>>();
    var validation = new LinkedHashMap<String, List<Double>>();
    var figures = new ArrayList<Figure>();
    Result none = results.get("none");
    System.out.println("                  train cost  validation cost  accuracy  sum of squares  |weights| < 0.001");
    results.forEach((name, r) -> {
      int last = r.training.size() - 1;
      System.out.printf("%-16s  %10.4f  %15.4f  %8.4f  %14.1f  %17.3f%n", name, r.training.get(last),
          r.validation.get(last), r.accuracy, r.square, r.small);
      training.put(name, r.training);
      validation.put(name, r.validation);
      if (r == none) return;
      figures.add(Figure.atMost(name + ": gap of validation and training cost", none.gap(), r.gap()));
      figures.add(Figure.atMost(name + ": sum of the weights' squares", none.square, r.square));
      figures.add(Figure.atLeast(name + ": validation accuracy", none.accuracy - 0.01, r.accuracy));
    });
    figures.add(Figure.atLeast("L1: share of weights under 0.001", 0.5, results.get("L1 0.0002").small));
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    panels.put("training cost", training);
    panels.put("validation cost", validation);
    Pictures.curves(picture("cost.png"), "1,000 digits: regularization", "epoch", panels);
    return figures;
  }

  private Result train(Regularizer penalty, double weightDecay) {
    Einkorn.seed(seed()); // all from the same weights
    var first = new Linear(784, 256);
    var second = new Linear(256, 256);
    var third = new Linear(256, 10);
    for (Linear l : List.of(first, second, third)) l.regularizer(penalty);
    var model = new Sequential(new Flatten(), first, new ReLU(), second, new ReLU(), third);
    var adam = new AdamW(model.parameters(), 0.001).weightDecay(weightDecay);
    Dataset seen = mnistTrain().take(1000);
    Dataset unseen = mnistTest();
    var training = new ArrayList<Double>();
    var validation = new ArrayList<Double>();
    for (int epoch = epochs(60, 60); epoch > 0; epoch--) {
      for (Batch batch : new DataLoader(seen).batchSize(50).shuffle(true).seed(seed() + epoch)) {
        try (var scope = new Scope()) {
          adam.zeroGrad();
          Tensor cost = crossEntropy(model.forward(batch.x()), batch.y());
          Regularizer.penalized(cost, model).backward(); // the penalty pulls at the weights, and is not reported
          adam.step();
        }
      }
      training.add(cost(model, seen));
      validation.add(cost(model, unseen));
    }
    return new Result(training, validation, Loop.accuracy(model, unseen, 1), square(model), small(model));
  }

  private static double cost(Layer model, Dataset images) {
    double sum = 0;
    for (Batch batch : new DataLoader(images).batchSize(500)) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        sum += crossEntropy(model.forward(batch.x()), batch.y()).item() * batch.size();
      }
    }
    return sum / images.size();
  }

  private static double square(Layer model) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      double sum = 0;
      for (Tensor p : model.parameters()) sum += p.square().sum().item();
      return sum;
    }
  }

  private static double small(Layer model) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      double small = 0;
      for (Tensor p : model.parameters()) small += p.abs().lt(0.001).sum().item();
      return small / model.parameterCount();
    }
  }
}
