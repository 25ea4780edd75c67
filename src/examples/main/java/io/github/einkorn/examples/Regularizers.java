package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.L1;
import io.github.einkorn.nn.L2;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Regularizer;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.AdamW;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.LossMetric;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Command;

/**
 * A net that learns 1,000 digits by heart, and what holds it back: L1, L2 and weight decay, all on weights alone, as
 * Keras's {@code kernel_regularizer}.
 *
 * <p>The lecture gives no figures. Ours: each costs less on images that the net has not seen than the net without, and
 * leaves at most half of its weights' squares; L1 takes most weights to nearly 0; and for plain SGD, though not for
 * Adam, L2 and weight decay are one and the same.
 */
@Command(name = "Regularizers", header = "S2", description = "L1, L2 and weight decay against learning by heart")
final class Regularizers extends MnistExample {
  private static final Regularizer NO_PENALTY = w -> Tensor.full(0);
  private static final double SMALL = 0.01;

  private record Result(Sequential model, History history) {
    double last(String name) {
      return history.get(name).get(history.epochs() - 1);
    }
  }

  @Override
  List<Figure> run() throws IOException {
    var results = new LinkedHashMap<String, Result>();
    int epochs = epochs(100, 25);
    results.put("none", fit(NO_PENALTY, p -> new AdamW(p).weightDecay(0), epochs));
    results.put("L1 0.0002", fit(new L1(0.0002), p -> new AdamW(p).weightDecay(0), epochs));
    results.put("L2 0.002", fit(new L2(0.002), p -> new AdamW(p).weightDecay(0), epochs));
    results.put("weight decay 2", fit(NO_PENALTY, p -> new AdamW(p).weightDecay(2), epochs));

    var training = new LinkedHashMap<String, List<Double>>();
    var validation = new LinkedHashMap<String, List<Double>>();
    System.out.println("                train cost  validation cost  validation accuracy  sum of squares  |w| < "
        + SMALL);
    results.forEach((name, r) -> {
      System.out.printf("%-14s  %10.4f  %15.4f  %19.4f  %14.1f  %10.3f%n", name, r.last("cost"), r.last("val_cost"),
          r.last("val_accuracy"), squares(r.model), small(r.model));
      training.put(name, r.history.get("cost"));
      validation.put(name, r.history.get("val_cost"));
    });
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    panels.put("training cost", training);
    panels.put("validation cost", validation);
    Pictures.curves(picture("cost.png"), "Against learning by heart", "epoch", panels);

    Result none = results.remove("none");
    var figures = new ArrayList<Figure>();
    figures.add(Figure.atLeast("none: accuracy on what it learned from", 1, none.last("accuracy")));
    results.forEach((name, r) -> {
      figures.add(Figure.atMost(name + ": validation cost, of none's", 1, r.last("val_cost") / none.last("val_cost")));
      figures.add(Figure.atMost(name + ": sum of the weights' squares, of none's", either(0.5, 0.8),
          squares(r.model) / squares(none.model)));
    });
    figures.add(Figure.atLeast("L1: share of weights under " + SMALL, either(0.75, 0.5),
        small(results.get("L1 0.0002").model)));
    figures.add(Figure.atMost("SGD: weights by L2 less those by weight decay", 1e-5, sgdApart()));
    return figures.stream().map(Figure::own).toList();
  }

  /** λ Σ w² has the gradient 2 λ w, which SGD subtracts as it does a decay of 2 λ. */
  private double sgdApart() {
    Layer l2 = fit(new L2(0.01), p -> new SGD(p, 0.05), 1).model;
    Layer decay = fit(NO_PENALTY, p -> new SGD(p, 0.05).weightDecay(0.02), 1).model;
    double most = 0;
    for (int i = 0; i < l2.parameters().size(); i++) {
      try (var scope = new Scope()) {
        most = Math.max(most, l2.parameters().get(i).sub(decay.parameters().get(i)).abs().max().item());
      }
    }
    return most;
  }

  private Result fit(Regularizer penalty, Function<List<Tensor>, Optimizer> optimizer, int epochs) {
    Einkorn.seed(seed()); // all from the same weights
    var model = new Sequential(new Flatten(), new Linear(784, 256), new ReLU(), new Linear(256, 256), new ReLU(),
        new Linear(256, 10));
    for (Layer l : model.layers()) if (l instanceof Linear) l.regularizer(penalty);
    Optimizer o = optimizer.apply(model.parameters());
    o.group(model.parameters().stream().filter(p -> p.rank() == 1).toList()).weightDecay(0); // biases
    Dataset images = mnistTrain();
    int few = Math.min(1000, images.size() / 2);
    var cost = new LossMetric("cost", new CrossEntropyLoss()); // without the penalties, which are in the loss
    History history = new Trainer(model).loss(new CrossEntropyLoss()).metrics(new Accuracy(), cost).optimizer(o)
        .verbose(0).fit(new DataLoader(images.take(few)).batchSize(50).shuffle(true),
            new DataLoader(images.skip(few).take(5000)).batchSize(500), epochs);
    return new Result(model, history);
  }

  private static double squares(Layer model) {
    try (var scope = new Scope()) {
      return weights(model).square().sum().item();
    }
  }

  /** The share of the weights that are nearly 0. */
  private static double small(Layer model) {
    try (var scope = new Scope()) {
      return weights(model).abs().lt(SMALL).mean().item();
    }
  }

  private static Tensor weights(Layer model) {
    return Tensor.cat(0, model.parameters().stream().filter(p -> p.rank() == 2).map(p -> p.detach().flatten(0))
        .toArray(Tensor[]::new));
  }
}
