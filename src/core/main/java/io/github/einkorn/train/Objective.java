package io.github.einkorn.train;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.Regularizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/** What training makes small, the weighted sum of a loss for each output of the model, and what is measured beside. */
final class Objective {
  private final Layer model;
  private final List<String> names; // of the outputs; null if the model does not tell
  private Loss loss; // the one for every output, unless there are several
  private List<Loss> losses;
  private double[] weights;
  private final Map<String, Metric> metrics = new LinkedHashMap<>(); // by the name in logs
  private final Map<Metric, Integer> outputs = new LinkedHashMap<>(); // which output each looks at

  /** The loss of a batch, and its parts by output before they are weighted: none if there is one output. */
  record Cost(Tensor total, List<Tensor> parts) {}

  Objective(Layer model) {
    this.model = model;
    names = model instanceof Model m ? m.outputNames() : null;
  }

  // ---- set by the program ----

  void loss(Loss wanted) {
    loss = Objects.requireNonNull(wanted, "loss");
    losses = null;
  }

  void losses(List<Loss> wanted) {
    count("losses", wanted.size());
    losses = wanted;
  }

  void losses(Map<String, ? extends Loss> byName) {
    losses = inOrder("losses", byName);
  }

  void weights(double... wanted) {
    count("loss weights", wanted.length);
    for (double w : wanted) {
      if (!(w >= 0 && w < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("Trainer: a loss weight must be a number of at least 0, got " + w);
      }
    }
    weights = wanted.clone();
  }

  void weights(Map<String, Double> byName) {
    weights(inOrder("loss weights", byName).stream().mapToDouble(w -> w).toArray());
  }

  private void count(String what, int n) {
    if (n == 0 || names != null && n != names.size()) {
      throw new IllegalArgumentException("Trainer: expected " + what + " for " + (names == null ? "each output"
          : "the outputs " + names) + ", got " + n);
    }
  }

  private <T> List<T> inOrder(String what, Map<String, ? extends T> byName) {
    if (names == null) {
      throw new IllegalArgumentException("Trainer: only the outputs of a Model have names: give the " + what
          + " in their order");
    }
    if (!byName.keySet().equals(Set.copyOf(names))) {
      throw new IllegalArgumentException("Trainer: expected " + what + " for the outputs " + names + ", got some for "
          + byName.keySet());
    }
    return names.stream().<T>map(n -> Objects.requireNonNull(byName.get(n), what + " for \"" + n + "\"")).toList();
  }

  void metrics(Metric... wanted) {
    Check.all("metrics", wanted);
    metrics.clear();
    outputs.clear();
    if (wanted.length > 0 && names != null && names.size() > 1) {
      throw new IllegalArgumentException("Trainer: this model has the outputs " + names
          + ": say which one is measured, as in metrics(\"" + names.get(0) + "\", …)");
    }
    for (Metric m : wanted) metric(m.name(), m, 0);
  }

  void metrics(String output, Metric... wanted) {
    int at = names == null ? -1 : names.indexOf(output);
    if (at < 0) {
      throw new IllegalArgumentException("Trainer: there is no output \"" + output + "\""
          + (names == null ? "" : ", only " + names));
    }
    for (Metric m : Check.all("metrics", wanted)) metric(output + "_" + m.name(), m, at);
  }

  private void metric(String name, Metric m, int output) {
    if (metrics.containsKey(name) || lossNames().contains(name)) {
      throw new IllegalArgumentException("Trainer: \"" + name + "\" is there twice");
    }
    if (outputs.putIfAbsent(m, output) != null) {
      throw new IllegalArgumentException("Trainer: one " + m.name() + " cannot measure two outputs: make another");
    }
    metrics.put(name, m);
  }

  // ---- used by the trainer ----

  boolean hasLoss() {
    return loss != null || losses != null;
  }

  boolean hasMetrics() {
    return !metrics.isEmpty();
  }

  /** Names in the logs. */
  Set<String> logNames() {
    var all = new LinkedHashSet<>(lossNames());
    all.addAll(metrics.keySet());
    return all;
  }

  private List<String> lossNames() {
    var all = new ArrayList<>(List.of("loss"));
    int n = names != null ? names.size() : losses != null ? losses.size() : 1;
    if (n > 1) for (int i = 0; i < n; i++) all.add(lossName(i));
    return all;
  }

  private String lossName(int output) {
    return (names == null ? "output" + output : names.get(output)) + "_loss";
  }

  /** With penalties of the model's layers; null without a loss. Samples have weights (N), or null. */
  Cost cost(List<Tensor> predictions, Batch batch, Tensor sampleWeights) {
    if (!hasLoss()) return null;
    int n = predictions.size();
    checkCount("targets", batch.targets().size(), n);
    if (losses != null) checkCount("losses", losses.size(), n);
    if (weights != null) checkCount("loss weights", weights.length, n);
    List<Tensor> parts = IntStream.range(0, n)
        .mapToObj(i -> part(i, predictions.get(i), batch.targets().get(i), sampleWeights)).toList();
    Tensor total = null;
    for (int i = 0; i < n; i++) {
      Tensor part = weights == null || weights[i] == 1 ? parts.get(i) : parts.get(i).mul(weights[i]);
      total = total == null ? part : total.add(part);
    }
    return new Cost(Regularizer.penalized(total, model), n > 1 ? parts : List.of());
  }

  private Tensor part(int output, Tensor prediction, Tensor target, Tensor sampleWeights) {
    Loss of = of(output);
    return sampleWeights == null ? of.forward(prediction, target) : of.forward(prediction, target, sampleWeights);
  }

  private Loss of(int output) {
    return losses == null ? loss : losses.get(output);
  }

  /** That of the first output's loss. */
  long ignoredLabel() {
    return of(0).ignoredLabel();
  }

  private static void checkCount(String what, int n, int outputs) {
    if (n == outputs) return;
    throw new IllegalArgumentException("Trainer: the model has " + outputs + (outputs == 1 ? " output" : " outputs")
        + ", but there are " + n + " " + what);
  }

  Means means() {
    metrics.values().forEach(Metric::reset);
    return new Means();
  }

  /** The losses, averaged by samples, and the metrics, over batches. */
  final class Means {
    private final Map<String, LossMean> means = new LinkedHashMap<>();

    void add(Cost cost, List<Tensor> predictions, Batch batch) {
      if (cost != null) {
        int n = cost.parts.size();
        add("loss", cost.total, batch, 0, n == 0 ? 1 : n);
        for (int i = 0; i < n; i++) add(lossName(i), cost.parts.get(i), batch, i, i + 1);
      }
      outputs.forEach((m, i) -> m.update(predictions.get(i), batch.targets().get(i)));
    }

    /** A loss made of those of the outputs from first to end; it is left out where one of these ignores all labels. */
    private void add(String name, Tensor loss, Batch batch, int first, int end) {
      means.computeIfAbsent(name, n -> new LossMean()).add(loss.item(), batch.size(),
          () -> IntStream.range(first, end).anyMatch(i -> LossMean.ignoresAll(of(i), batch.targets().get(i))));
    }

    Logs logs() {
      var logs = new Logs();
      means.forEach((name, mean) -> logs.put(name, mean.result()));
      metrics.forEach((name, m) -> logs.put(name, m.result()));
      return logs;
    }
  }
}
