package io.github.einkorn.train;

import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.Scheduler;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** A call of {@link Trainer#fit} as its callbacks see it. */
public final class Training {
  static final String RATE = "learning_rate";

  private final Layer model;
  private final Optimizer optimizer;
  private final int epochs;
  private final int batches;
  private final long samples;
  private final boolean validated;
  private final List<String> names;
  private List<String> batchNames;
  private String stopReason;
  private Scheduler scheduler;
  private boolean rateIsSaved;
  long seen;
  double rate; // of the last batch
  Consumer<String> printer = System.out::println;

  Training(Layer model, Optimizer optimizer, int epochs, int batches, long samples, boolean validated,
      List<String> names) {
    this.model = model;
    this.optimizer = optimizer;
    this.epochs = epochs;
    this.batches = batches;
    this.samples = samples;
    this.validated = validated;
    this.names = names;
    this.batchNames = names;
  }

  /** For what the logs of batches are, fewer numbers than those of epochs. */
  Training batchNames(List<String> fewer) {
    batchNames = fewer;
    return this;
  }

  /** The model that is trained. */
  public Layer model() {
    return model;
  }

  /** The optimizer that moves its parameters. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** Number of epochs asked for. */
  public int epochs() {
    return epochs;
  }

  /** Number of batches in an epoch. */
  public int batches() {
    return batches;
  }

  /** Number of samples in an epoch. */
  public long samples() {
    return samples;
  }

  /** Number of samples of this epoch that were trained on so far. */
  public long seen() {
    return seen;
  }

  /** Whether each epoch ends with a validation. */
  public boolean isValidated() {
    return validated;
  }

  /** Names in the logs of an epoch. */
  public List<String> names() {
    return names;
  }

  /** Names in the logs of a batch. */
  public List<String> batchNames() {
    return batchNames;
  }

  /** Stops after this batch; the epoch is still validated and its end announced. The first reason counts. */
  public void stop(String reason) {
    if (stopReason == null) stopReason = Objects.requireNonNull(reason, "reason");
  }

  /** Whether {@link #stop} was called. */
  public boolean isStopping() {
    return stopReason != null;
  }

  /** Why it was stopped; empty if it was not. */
  public String stopReason() {
    return isStopping() ? stopReason : "";
  }

  /** Prints a line without disturbing the progress bar. */
  public void say(String line) {
    printer.accept(line);
  }

  /** Said before training by a callback that saves the optimizer. */
  void savesRate() {
    rateIsSaved = true;
  }

  /**
   * Said before training by a callback that sets the rate after epochs or batches.
   *
   * @param curve its scheduler, or null
   * @throws IllegalArgumentException if a callback before it saves the optimizer, which would miss the new rate
   */
  void setsRate(String who, Scheduler curve) {
    if (rateIsSaved) {
      throw new IllegalArgumentException(who + ": it comes after a ModelCheckpoint that saves the optimizer, which"
          + " would miss the new learning rate: put it before");
    }
    if (curve != null) scheduler = curve;
  }

  /** What moves the learning rate; null if no callback has a scheduler. */
  Scheduler scheduler() {
    return scheduler;
  }

  /** Throws IllegalArgumentException unless the logs of an epoch will have the name. */
  void require(String who, String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException(who + ": nothing produces \"" + name + "\"; there are " + names
          + (validated ? "" : " (fit was given no validation data)"));
    }
  }

  /** Throws IllegalArgumentException unless the logs of a batch will have the name. */
  void requireInBatches(String who, String name) {
    if (!batchNames.contains(name)) {
      throw new IllegalArgumentException(who + ": no batch has \"" + name + "\"; there are " + batchNames);
    }
  }
}
