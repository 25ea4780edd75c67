package io.github.einkorn.train;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.nn.Regularizer;
import io.github.einkorn.optim.Gradients;
import io.github.einkorn.optim.Optimizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
  private Loss loss;
  private Optimizer optimizer;
  private List<Metric> metrics = List.of();
  private List<Callback> callbacks = List.of();
  private ClassWeights classWeights;
  private double validationSplit;
  private double clipGradNorm = Double.POSITIVE_INFINITY;
  private double clipGradValue = Double.POSITIVE_INFINITY;
  private int verbose = 1;

  /** For a model; {@link #fit} needs a loss and an optimizer too. */
  public Trainer(Layer model) {
    this.model = Objects.requireNonNull(model, "model");
  }

  /** What is made small: the mean over the samples of a batch. Regularizers of the model's layers are added to it. */
  public Trainer loss(Loss loss) {
    this.loss = Objects.requireNonNull(loss, "loss");
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
    var names = new LinkedHashSet<>(Set.of("loss"));
    for (Metric m : metrics) {
      if (!names.add(m.name())) throw new IllegalArgumentException("Trainer: \"" + m.name() + "\" is there twice");
    }
    this.metrics = List.of(metrics);
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

  /**
   * What the samples of each class count in training, not in validation: Keras's {@code class_weight}. The loss is
   * averaged over the number of samples, whatever their weights, and multiplied by those of the samples, see {@link
   * io.github.einkorn.data.Dataset#weighted}.
   */
  public Trainer classWeights(float... perClass) {
    classWeights = perClass.length == 0 ? null : new ClassWeights(perClass.clone());
    return this;
  }

  /**
   * The part of the data, between 0 and 1, that {@link #fit(DataLoader, int)} keeps for validation: the last samples,
   * before shuffling. Default 0.
   */
  public Trainer validationSplit(double part) {
    if (!(part >= 0 && part < 1)) {
      throw new IllegalArgumentException("Trainer: validationSplit must lie in [0, 1), got " + part);
    }
    validationSplit = part;
    return this;
  }

  /** Shortens the gradients before each step, see {@link Gradients#clipGradNorm}. Default: never. */
  public Trainer clipGradNorm(double max) {
    clipGradNorm = positive("clipGradNorm", max);
    return this;
  }

  /** Limits every element of the gradients before each step, see {@link Gradients#clipGradValue}. Default: never. */
  public Trainer clipGradValue(double max) {
    clipGradValue = positive("clipGradValue", max);
    return this;
  }

  private static double positive(String what, double max) {
    if (!(max > 0)) throw new IllegalArgumentException("Trainer: " + what + " must be positive, got " + max);
    return max;
  }

  // ---- training ----

  /** Trains on batches of 32 in random order, as Keras does. */
  public History fit(Dataset train, int epochs) {
    return fit(new DataLoader(train).batchSize(32).shuffle(true), epochs);
  }

  /**
   * Trains, with a {@link #validationSplit} if there is one, else without validation.
   *
   * @throws IllegalArgumentException if the split leaves no sample on one side, or as the other {@code fit}
   */
  public History fit(DataLoader train, int epochs) {
    if (validationSplit == 0) return run(train, null, epochs);
    Dataset all = train.dataset();
    int first = (int) (all.size() * (1 - validationSplit));
    if (first == 0 || first == all.size()) {
      throw new IllegalArgumentException("Trainer: a validationSplit of " + validationSplit + " of " + all.size()
          + " samples leaves none for " + (first == 0 ? "training" : "validation"));
    }
    return run(train.over(all.take(first)), train.over(all.skip(first)).shuffle(false).dropLast(false), epochs);
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
    if (loss == null) throw new IllegalStateException("Trainer: fit needs a loss, see loss(…)");
    if (optimizer == null) throw new IllegalStateException("Trainer: fit needs an optimizer, see optimizer(…)");
    if (epochs < 1) throw new IllegalArgumentException("Trainer: epochs must be at least 1, got " + epochs);
    checkBatches("training", train);
    if (valid != null) checkBatches("validation", valid);

    List<Callback> all = allCallbacks();
    long samples = Math.min(train.dataset().size(), (long) train.batches() * train.batchSize());
    var training =
        new Training(model, optimizer, epochs, train.batches(), samples, valid != null, logNames(valid != null, all))
            .batchNames(ownNames());
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

  private List<String> ownNames() {
    var names = new ArrayList<>(List.of("loss"));
    for (Metric m : metrics) names.add(m.name());
    return names;
  }

  private List<String> logNames(boolean validated, List<Callback> all) {
    var names = new LinkedHashSet<>(ownNames());
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
    var means = new Means(metrics);
    int number = 0;
    for (Batch batch : train) {
      int n = ++number;
      for (Callback c : all) c.onBatchBegin(training, n);
      step(batch, means);
      training.seen += batch.size();
      Logs soFar = means.logs("");
      for (Callback c : all) c.onBatchEnd(training, n, soFar);
      if (training.isStopping()) break;
    }
    Logs logs = means.logs("");
    if (valid != null) measure(valid).logs("val_").asMap().forEach(logs::put);
    for (Callback c : all) c.onEpochEnd(training, epoch, logs);
    return logs;
  }

  private void step(Batch batch, Means means) {
    try (var scope = new Scope()) {
      optimizer.zeroGrad();
      Tensor prediction = model.forward(batch.x());
      Tensor cost = cost(prediction, batch, classWeights == null ? batch.weights() : classWeights.of(batch));
      cost.backward();
      if (clipGradNorm < Double.POSITIVE_INFINITY) Gradients.clipGradNorm(optimizer.parameters(), clipGradNorm);
      if (clipGradValue < Double.POSITIVE_INFINITY) Gradients.clipGradValue(optimizer.parameters(), clipGradValue);
      optimizer.step();
      means.add(cost, prediction, batch);
    }
  }

  private Tensor cost(Tensor prediction, Batch batch, Tensor weights) {
    Tensor ofSamples =
        weights == null ? loss.forward(prediction, batch.y()) : loss.forward(prediction, batch.y(), weights);
    return Regularizer.penalized(ofSamples, model);
  }

  // ---- evaluating ----

  /**
   * The loss, if there is one, and the metrics over all samples: {@code "loss"}, {@code "accuracy"}, …
   *
   * @throws IllegalStateException if there is neither a loss nor a metric
   */
  public Map<String, Double> evaluate(DataLoader data) {
    if (loss == null && metrics.isEmpty()) {
      throw new IllegalStateException("Trainer: evaluate needs a loss or a metric, see loss(…) and metrics(…)");
    }
    checkBatches("evaluation", data);
    try (var modes = new Modes(model)) {
      return new LinkedHashMap<>(measure(data).logs("").asMap());
    }
  }

  private Means measure(DataLoader data) {
    model.eval();
    var means = new Means(metrics);
    for (Batch batch : data) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        Tensor prediction = model.forward(batch.x());
        means.add(loss == null ? null : cost(prediction, batch, batch.weights()), prediction, batch);
      }
    }
    return means;
  }

  /** The outputs for all samples of a loader, in its order, one below the other: (samples, …). */
  public Tensor predict(DataLoader data) {
    checkBatches("prediction", data);
    var outputs = new ArrayList<Tensor>();
    try {
      for (Batch batch : data) outputs.add(predict(batch.x()).keep());
      try (var off = new NoGrad()) {
        return outputs.size() == 1 ? outputs.get(0).copy() : Tensor.cat(0, outputs.toArray(Tensor[]::new));
      }
    } finally {
      outputs.forEach(Tensor::close);
    }
  }

  /** The output for a batch (N, …); everything made on the way is freed. */
  public Tensor predict(Tensor x) {
    Tensor kept;
    try (var modes = new Modes(model); var off = new NoGrad(); var scope = new Scope()) {
      model.eval();
      kept = model.forward(x).detach().keep();
    }
    try (kept) {
      return kept.detach(); // belongs to the caller's scope
    }
  }

  /** The loss, averaged by samples, and the metrics, over batches. */
  private static final class Means {
    private final List<Metric> metrics;
    private double loss;
    private boolean hasLoss;
    private long samples;

    Means(List<Metric> metrics) {
      this.metrics = metrics;
      metrics.forEach(Metric::reset);
    }

    void add(Tensor cost, Tensor prediction, Batch batch) {
      hasLoss = cost != null;
      if (hasLoss) loss += (double) cost.item() * batch.size();
      samples += batch.size();
      try (var off = new NoGrad()) {
        for (Metric m : metrics) m.update(prediction, batch.y());
      }
    }

    Logs logs(String prefix) {
      var logs = new Logs();
      if (hasLoss) logs.put(prefix + "loss", loss / samples);
      for (Metric m : metrics) logs.put(prefix + m.name(), m.result());
      return logs;
    }
  }
}
