package io.github.einkorn.train;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.optim.Optimizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Trains, evaluates and runs a model over data loaders, as Keras's {@code compile}, {@code fit}, {@code evaluate} and
 * {@code predict}:
 *
 * <pre>{@code
 * var trainer = new Trainer(model)
 *     .loss(new CrossEntropyLoss())
 *     .optimizer(new Adam(model.parameters()))
 *     .metrics(new Accuracy());
 * History history = trainer.fit(train, valid, 5);
 * }</pre>
 *
 * <p>Each call leaves the layers in the mode, training or evaluation, in which it found them, even if it fails.
 */
public final class Trainer {
  private final Layer model;
  private final Objective objective;
  private Optimizer optimizer;
  private List<Callback> callbacks = List.of();
  private int verbose = 1;

  /** For a model; {@link #fit} needs a loss and an optimizer too. */
  public Trainer(Layer model) {
    this.model = Objects.requireNonNull(model, "model");
    objective = new Objective(model);
  }

  /** What is made small: the mean over the samples of a batch. If there are several outputs, the sum of theirs. */
  public Trainer loss(Loss loss) {
    objective.loss(loss);
    return this;
  }

  /**
   * What is made small: the sum of a loss for each output, in the order of the outputs.
   *
   * @throws IllegalArgumentException if there is another number of outputs
   */
  public Trainer losses(Loss... losses) {
    objective.losses(List.of(losses));
    return this;
  }

  /**
   * What is made small: the sum of a loss for each output of a {@link io.github.einkorn.nn.Model}, by name.
   *
   * @throws IllegalArgumentException unless the names are those of the outputs
   */
  public Trainer losses(Map<String, ? extends Loss> losses) {
    objective.losses(losses);
    return this;
  }

  /**
   * What the loss of each output is multiplied by in the sum, in the order of the outputs; 1 unless set.
   *
   * @throws IllegalArgumentException if there is another number of outputs, or a weight is negative or not finite
   */
  public Trainer lossWeights(double... weights) {
    objective.weights(weights);
    return this;
  }

  /**
   * What the loss of each output of a {@link io.github.einkorn.nn.Model} is multiplied by in the sum, by name.
   *
   * @throws IllegalArgumentException unless the names are those of the outputs, and the weights are finite and not
   *     negative
   */
  public Trainer lossWeights(Map<String, Double> weights) {
    objective.weights(weights);
    return this;
  }

  /**
   * What moves the parameters.
   *
   * @throws IllegalArgumentException if it holds none of the model's parameters
   */
  public Trainer optimizer(Optimizer optimizer) {
    Set<Tensor> mine = Collections.newSetFromMap(new IdentityHashMap<>());
    mine.addAll(model.parameters());
    if (optimizer.parameters().stream().noneMatch(mine::contains)) {
      throw new IllegalArgumentException("Trainer: the optimizer holds none of this model's parameters");
    }
    this.optimizer = optimizer;
    return this;
  }

  /**
   * What is reported beside the loss.
   *
   * @throws IllegalArgumentException if two have the same name, or one is called {@code loss}
   */
  public Trainer metrics(Metric... metrics) {
    objective.metrics(metrics);
    return this;
  }

  /**
   * What is reported of an output of a {@link io.github.einkorn.nn.Model} beside the losses, under the names {@code
   * output_accuracy}, …; adds to what was said before.
   *
   * @throws IllegalArgumentException if there is no such output, or two metrics of it have the same name
   */
  public Trainer metrics(String output, Metric... metrics) {
    objective.metrics(output, metrics);
    return this;
  }

  /** What takes part in {@link #fit}, in this order; a {@link ProgressBar} comes first unless it is among them. */
  public Trainer callbacks(Callback... callbacks) {
    this.callbacks = List.of(callbacks);
    return this;
  }

  /** 0: shows no progress; 1, the default: a progress bar; 2: one line per epoch. */
  public Trainer verbose(int level) {
    if (level < 0 || level > 2) throw new IllegalArgumentException("Trainer: verbose must be 0, 1 or 2, got " + level);
    verbose = level;
    return this;
  }

  // ---- training ----

  /** Trains without validation. */
  public History fit(DataLoader train, int epochs) {
    return run(train, null, epochs);
  }

  /**
   * Trains for a number of epochs, each followed by an evaluation of other data.
   *
   * @throws IllegalStateException if there is no loss or no optimizer
   * @throws IllegalArgumentException if epochs &lt; 1, a loader has no batch, or a callback cannot work with these data
   */
  public History fit(DataLoader train, DataLoader valid, int epochs) {
    return run(train, Objects.requireNonNull(valid, "valid"), epochs);
  }

  private History run(DataLoader train, DataLoader valid, int epochs) {
    if (!objective.hasLoss()) throw new IllegalStateException("Trainer: fit needs a loss, see loss(…)");
    if (optimizer == null) throw new IllegalStateException("Trainer: fit needs an optimizer, see optimizer(…)");
    if (epochs < 1) throw new IllegalArgumentException("Trainer: epochs must be at least 1, got " + epochs);
    checkBatches("training", train);
    if (valid != null) checkBatches("validation", valid);

    List<Callback> all = allCallbacks();
    long samples = train.samples();
    var training =
        new Training(model, optimizer, epochs, train.batches(), samples, valid != null, logNames(valid != null, all));
    var history = new History();
    var begun = new ArrayList<Callback>();
    Throwable failure = null;
    try (var modes = new Modes(model)) {
      try {
        for (Callback c : all) {
          begun.add(c);
          c.onTrainBegin(training);
        }
        for (int e = 1; e <= epochs && !training.isStopping(); e++) history.add(epoch(training, e, train, valid, all));
      } catch (Throwable e) {
        failure = e;
        throw e;
      } finally {
        end(training, begun, failure);
      }
    }
    history.stopped(training.stopReason());
    return history;
  }

  private static void checkBatches(String what, DataLoader loader) {
    if (loader.batches() < 1) throw new IllegalArgumentException("Trainer: the " + what + " loader has no batch");
  }

  private List<Callback> allCallbacks() {
    var all = new ArrayList<Callback>();
    boolean given = callbacks.stream().anyMatch(c -> c instanceof ProgressBar);
    if (verbose > 0 && !given) all.add(new ProgressBar().brief(verbose == 2));
    all.addAll(callbacks);
    return all;
  }

  private List<String> logNames(boolean validated, List<Callback> all) {
    Set<String> names = objective.logNames();
    if (validated) for (String n : List.copyOf(names)) names.add("val_" + n);
    for (Callback c : all) names.addAll(c.logNames());
    return List.copyOf(names);
  }

  /** Every callback that has begun gets its end; the first exception is the one to throw. */
  private static void end(Training training, List<Callback> begun, Throwable failure) {
    RuntimeException first = null;
    for (Callback c : begun) {
      try {
        c.onTrainEnd(training);
      } catch (RuntimeException e) {
        if (failure != null) failure.addSuppressed(e);
        else if (first != null) first.addSuppressed(e);
        else first = e;
      }
    }
    if (first != null) throw first;
  }

  private Logs epoch(Training training, int epoch, DataLoader train, DataLoader valid, List<Callback> all) {
    training.seen = 0;
    for (Callback c : all) c.onEpochBegin(training, epoch);
    model.train();
    var means = objective.means();
    int number = 0;
    for (Batch batch : train) {
      int n = ++number;
      for (Callback c : all) c.onBatchBegin(training, n);
      step(batch, means);
      training.seen += batch.size();
      Logs soFar = means.logs();
      for (Callback c : all) c.onBatchEnd(training, n, soFar);
      if (training.isStopping()) break;
    }
    Logs logs = means.logs();
    if (valid != null) measure(valid).logs().asMap().forEach((name, v) -> logs.put("val_" + name, v));
    for (Callback c : all) c.onEpochEnd(training, epoch, logs);
    return logs;
  }

  private void step(Batch batch, Objective.Means means) {
    try (var scope = new Scope()) {
      optimizer.zeroGrad();
      List<Tensor> predictions = model.forward(batch.inputs());
      Objective.Cost cost = objective.cost(predictions, batch);
      cost.total().backward();
      optimizer.step();
      try (var off = new NoGrad()) {
        means.add(cost, predictions, batch);
      }
    }
  }

  // ---- evaluating ----

  /**
   * The loss, if there is one, and the metrics over all samples: {@code "loss"}, {@code "accuracy"}, …
   *
   * @throws IllegalStateException if there is neither a loss nor a metric
   */
  public Map<String, Double> evaluate(DataLoader data) {
    if (!objective.hasLoss() && !objective.hasMetrics()) {
      throw new IllegalStateException("Trainer: evaluate needs a loss or a metric, see loss(…) and metrics(…)");
    }
    checkBatches("evaluation", data);
    try (var modes = new Modes(model)) {
      return new LinkedHashMap<>(measure(data).logs().asMap());
    }
  }

  private Objective.Means measure(DataLoader data) {
    model.eval();
    var means = objective.means();
    for (Batch batch : data) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        List<Tensor> predictions = model.forward(batch.inputs());
        means.add(objective.cost(predictions, batch), predictions, batch);
      }
    }
    return means;
  }

  /**
   * The outputs for all samples of a loader, in its order, one below the other: (samples, …).
   *
   * @throws IllegalArgumentException if the model has several outputs
   */
  public Tensor predict(DataLoader data) {
    List<Tensor> all = predictAll(data);
    if (all.size() == 1) return all.get(0);
    all.forEach(Tensor::close);
    throw new IllegalArgumentException("Trainer: the model has " + all.size() + " outputs: use predictAll");
  }

  /** Each of the model's outputs for all samples of a loader, in its order, one below the other: (samples, …). */
  public List<Tensor> predictAll(DataLoader data) {
    checkBatches("prediction", data);
    var batches = new ArrayList<List<Tensor>>();
    try {
      for (Batch batch : data) batches.add(kept(batch.inputs()));
      try (var off = new NoGrad()) {
        return IntStream.range(0, batches.get(0).size())
            .mapToObj(i -> Tensor.cat(0, batches.stream().map(b -> b.get(i)).toArray(Tensor[]::new))).toList();
      }
    } finally {
      batches.forEach(b -> b.forEach(Tensor::close));
    }
  }

  /** The output for a batch (N, …); everything made on the way is freed. */
  public Tensor predict(Tensor x) {
    List<Tensor> kept = kept(List.of(x));
    try {
      return kept.get(0).detach(); // belongs to the caller's scope
    } finally {
      kept.forEach(Tensor::close);
    }
  }

  private List<Tensor> kept(List<Tensor> inputs) {
    try (var modes = new Modes(model); var off = new NoGrad(); var scope = new Scope()) {
      model.eval();
      return model.forward(inputs).stream().map(y -> y.detach().keep()).toList();
    }
  }

  /** The mode of every layer, to be restored. */
  private static final class Modes implements AutoCloseable {
    private final List<Layer> layers;
    private final boolean[] training;

    Modes(Layer model) {
      layers = model.layers();
      training = new boolean[layers.size()];
      for (int i = 0; i < training.length; i++) training[i] = layers.get(i).isTraining();
    }

    /** A layer comes before its children, and switching it switches them. */
    @Override
    public void close() {
      for (int i = 0; i < training.length; i++) layers.get(i).train(training[i]);
    }
  }
}
