package io.github.einkorn.train;

import io.github.einkorn.Check;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.optim.Gradients;
import io.github.einkorn.optim.Optimizer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
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
 * <p>A {@link io.github.einkorn.nn.Model} may have several inputs and outputs. It is then trained on batches with as
 * many inputs and targets, in the same order (see {@link Batch#inputs}); {@code loss} is the sum over the outputs, and
 * each output's own is reported too, as {@code digit_loss}:
 *
 * <pre>{@code
 * trainer.losses(Map.of("digit", new CrossEntropyLoss(), "width", new MSELoss()))
 *     .lossWeights(Map.of("digit", 1.0, "width", 0.5)).metrics("digit", new Accuracy());
 * }</pre>
 *
 * <p>Each call leaves the layers in the mode, training or evaluation, in which it found them, even if it fails. An
 * epoch of {@code fit} begins with all in training mode; {@link Callback#onEpochBegin} may set some to evaluation for
 * the epoch, as in transfer learning batch norms whose statistics are to stay:
 *
 * <pre>{@code
 * trainer.callbacks(new LambdaCallback().onEpochBegin((training, epoch) -> backbone.eval()));
 * }</pre>
 */
public final class Trainer {
  private final Layer model;
  private final Objective objective;
  private Optimizer optimizer;
  private List<Callback> callbacks = List.of();
  private ClassWeights classWeights;
  private double validationSplit;
  private double clipGradNorm = Double.POSITIVE_INFINITY;
  private double clipGradValue = Double.POSITIVE_INFINITY;
  private int verbose = 1;
  private int initialEpoch;
  private boolean measuring; // training batches: the metrics hold a part of an epoch

  /** For a model; {@link #fit} needs a loss and an optimizer too. */
  public Trainer(Layer model) {
    this.model = Objects.requireNonNull(model, "model");
    objective = new Objective(model);
  }

  /**
   * What is made small: the mean over the samples of a batch. If there are several outputs, the sum of theirs.
   * Regularizers of the model's layers are added to it. The mean of an epoch leaves out batches of which the loss
   * ignores all labels.
   */
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
    objective.losses(Check.all("losses", losses));
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
    this.callbacks = Check.all("callbacks", callbacks);
    return this;
  }

  /** 0: shows no progress; 1, the default: a progress bar; 2: one line per epoch. */
  public Trainer verbose(int level) {
    if (level < 0 || level > 2) throw new IllegalArgumentException("Trainer: verbose must be 0, 1 or 2, got " + level);
    verbose = level;
    return this;
  }

  /**
   * What the samples of each class count in training, not in validation: Keras's {@code class_weight}. A label that the
   * loss ignores counts nothing, see {@link Loss#ignoredLabel}. The weights are multiplied by those of the samples, see
   * {@link io.github.einkorn.data.Dataset#weighted}, and the loss is averaged as without them: see {@link
   * Loss#forward(Tensor, Tensor, Tensor)}.
   */
  public Trainer classWeights(float... perClass) {
    classWeights = perClass.length == 0 ? null : new ClassWeights(perClass.clone());
    return this;
  }

  /**
   * The part of the data, between 0 and 1, that {@link #fit(DataLoader, int)} keeps for validation: the last samples,
   * before shuffling. Default 0.
   *
   * <p>Both parts are as the data set gives them, with its random transforms. To validate without these, split first:
   * give {@link #fit(DataLoader, DataLoader, int)} {@code all.take(n)} with the transforms and {@code all.skip(n)}.
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
   * @throws IllegalArgumentException if the split leaves no sample on one side or the loader has a sampler, or as the
   *     other {@code fit}
   */
  public History fit(DataLoader train, int epochs) {
    if (validationSplit == 0) return run(train, null, epochs);
    Split split = Split.of(train, validationSplit);
    return run(split.train(), split.valid(), epochs);
  }

  /**
   * Trains for a number of epochs, each followed by an evaluation of other data.
   *
   * @throws IllegalStateException if there is no loss or no optimizer, or inside {@link NoGrad}
   * @throws IllegalArgumentException if epochs &lt; 1 or not above the {@link #initialEpoch}, a loader has no batch,
   *     or a callback cannot work with these data
   */
  public History fit(DataLoader train, DataLoader valid, int epochs) {
    return run(train, Objects.requireNonNull(valid, "valid"), epochs);
  }

  /**
   * How many epochs were done before: {@link #fit} goes on with the next one, to the number of all epochs that it is
   * given, so that what counts epochs, from callbacks to the names of files, goes on too. Default 0. Returns this.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Trainer initialEpoch(int epochs) {
    if (epochs < 0) throw new IllegalArgumentException("Trainer: initialEpoch must not be negative, got " + epochs);
    initialEpoch = epochs;
    return this;
  }

  private History run(DataLoader train, DataLoader valid, int epochs) {
    requireReady("fit");
    requireRecording("Trainer: fit");
    keepMetrics("fit");
    int first = initialEpoch + 1;
    if (epochs < first) {
      throw new IllegalArgumentException("Trainer: epochs must be at least " + first + ", got " + epochs);
    }
    checkBatches("training", train);
    if (valid != null) checkBatches("validation", valid);

    var all = new Callbacks(callbacks, verbose);
    long samples = train.samples();
    var training =
        new Training(model, optimizer, epochs, train.batches(), samples, valid != null, logNames(valid != null, all))
            .batchNames(List.copyOf(objective.logNames()));
    var history = new History();
    Throwable failure = null;
    try (var modes = new Modes(model)) {
      try {
        all.begin(training);
        for (int e = first; e <= epochs && !training.isStopping(); e++) {
          history.add(epoch(training, e, train, valid, all));
        }
      } catch (Throwable e) {
        failure = e;
        throw e;
      } finally {
        all.end(training, failure);
      }
    }
    history.stopped(training.stopReason());
    return history;
  }

  /** Throws IllegalStateException unless there is a loss and an optimizer. */
  void requireReady(String who) {
    if (!objective.hasLoss()) throw new IllegalStateException("Trainer: " + who + " needs a loss, see loss(…)");
    if (optimizer == null) {
      throw new IllegalStateException("Trainer: " + who + " needs an optimizer, see optimizer(…)");
    }
  }

  /** Throws IllegalStateException where gradients are switched off. */
  static void requireRecording(String who) {
    if (!NoGrad.isRecording()) {
      throw new IllegalStateException(who + " needs gradients, and recording is off: a NoGrad is open on this thread");
    }
  }

  /** Throws IllegalStateException where metrics would lose what they have seen of an epoch. */
  private void keepMetrics(String who) {
    if (measuring && objective.hasMetrics()) {
      throw new IllegalStateException("Trainer: " + who + " would reset the metrics in the middle of an epoch: call it"
          + " in onEpochEnd, or on a Trainer with metrics of its own");
    }
  }

  Layer model() {
    return model;
  }

  Optimizer optimizer() {
    return optimizer;
  }

  private static void checkBatches(String what, DataLoader loader) {
    if (loader.batches() < 1) throw new IllegalArgumentException("Trainer: the " + what + " loader has no batch");
  }

  private List<String> logNames(boolean validated, Callbacks all) {
    Set<String> names = objective.logNames();
    if (validated) for (String n : List.copyOf(names)) names.add("val_" + n);
    for (Callback c : all) names.addAll(c.logNames());
    return List.copyOf(names);
  }

  private Logs epoch(Training training, int epoch, DataLoader train, DataLoader valid, Callbacks all) {
    training.seen = 0;
    model.train();
    for (Callback c : all) c.onEpochBegin(training, epoch);
    var means = objective.means();
    measuring = true;
    try (var batches = train.iterator()) {
      for (int n = 1; batches.hasNext(); n++) {
        Batch batch = batches.next();
        for (Callback c : all) c.onBatchBegin(training, n);
        training.rate = optimizer.lr();
        step(batch, means);
        training.seen += batch.size();
        Logs soFar = means.logs();
        for (Callback c : all) c.onBatchEnd(training, n, soFar);
        if (training.isStopping()) break;
      }
    } finally {
      measuring = false;
    }
    Logs logs = means.logs();
    if (valid != null) measure(valid).logs().asMap().forEach((name, v) -> logs.put("val_" + name, v));
    if (training.names().contains(Training.RATE)) logs.put(Training.RATE, training.rate);
    for (Callback c : all) c.onEpochEnd(training, epoch, logs);
    return logs;
  }

  private void step(Batch batch, Objective.Means means) {
    try (var scope = new Scope()) {
      optimizer.zeroGrad();
      List<Tensor> predictions = model.forward(batch.inputs());
      Objective.Cost cost = learn(predictions, batch);
      try (var off = new NoGrad()) {
        means.add(cost, predictions, batch);
      }
    }
  }

  /** Moves the parameters against the gradient of the loss of these predictions. */
  Objective.Cost learn(List<Tensor> predictions, Batch batch) {
    Tensor weights = classWeights == null ? batch.weights() : classWeights.of(batch, objective.ignoredLabel());
    Objective.Cost cost = objective.cost(predictions, batch, weights);
    cost.total().backward();
    if (clipGradNorm < Double.POSITIVE_INFINITY) Gradients.clipGradNorm(optimizer.parameters(), clipGradNorm);
    if (clipGradValue < Double.POSITIVE_INFINITY) Gradients.clipGradValue(optimizer.parameters(), clipGradValue);
    optimizer.step();
    return cost;
  }

  // ---- evaluating ----

  /**
   * The loss, if there is one, and the metrics over all samples: {@code "loss"}, {@code "accuracy"}, …
   *
   * @throws IllegalStateException if there is neither a loss nor a metric, or if a callback of a batch would so reset
   *     the metrics of its epoch
   */
  public Map<String, Double> evaluate(DataLoader data) {
    if (!objective.hasLoss() && !objective.hasMetrics()) {
      throw new IllegalStateException("Trainer: evaluate needs a loss or a metric, see loss(…) and metrics(…)");
    }
    keepMetrics("evaluate");
    checkBatches("evaluation", data);
    return new LinkedHashMap<>(measure(data).logs().asMap());
  }

  private Objective.Means measure(DataLoader data) {
    var means = objective.means();
    try (var modes = new Modes(model); var batches = data.iterator()) {
      model.eval();
      while (batches.hasNext()) {
        Batch batch = batches.next();
        try (var scope = new Scope(); var off = new NoGrad()) {
          List<Tensor> predictions = model.forward(batch.inputs());
          means.add(objective.cost(predictions, batch, batch.weights()), predictions, batch);
        }
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
    return Predictions.all(model, data);
  }

  /** The output for a batch (N, …); everything made on the way is freed. */
  public Tensor predict(Tensor x) {
    return Predictions.of(model, x);
  }
}
