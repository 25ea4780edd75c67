package io.github.einkorn.train;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * A callback of lambdas, for those moments that are given one:
 *
 * <pre>{@code
 * new LambdaCallback().onEpochEnd((training, epoch, logs) -> training.say("epoch " + epoch + " " + logs))
 * }</pre>
 */
public final class LambdaCallback implements Callback {
  /** What happens before an epoch or a batch. */
  @FunctionalInterface
  public interface Begin {
    /** The number of the epoch, or of the batch in its epoch, from 1. */
    void accept(Training training, int number);
  }

  /** What happens after an epoch or a batch. */
  @FunctionalInterface
  public interface End {
    /** The number of the epoch, or of the batch in its epoch, from 1, and its numbers. */
    void accept(Training training, int number, Logs logs);
  }

  private Consumer<Training> trainBegin = t -> {};
  private Consumer<Training> trainEnd = t -> {};
  private Begin epochBegin = (t, n) -> {};
  private Begin batchBegin = (t, n) -> {};
  private End epochEnd = (t, n, logs) -> {};
  private End batchEnd = (t, n, logs) -> {};

  /** Does nothing yet. */
  public LambdaCallback() {}

  /** Before the first epoch. Returns this, as all. */
  public LambdaCallback onTrainBegin(Consumer<Training> action) {
    trainBegin = Objects.requireNonNull(action, "action");
    return this;
  }

  /** After the last epoch, also when training was stopped or failed. */
  public LambdaCallback onTrainEnd(Consumer<Training> action) {
    trainEnd = Objects.requireNonNull(action, "action");
    return this;
  }

  /** Before an epoch. */
  public LambdaCallback onEpochBegin(Begin action) {
    epochBegin = Objects.requireNonNull(action, "action");
    return this;
  }

  /** After an epoch and its validation. */
  public LambdaCallback onEpochEnd(End action) {
    epochEnd = Objects.requireNonNull(action, "action");
    return this;
  }

  /** Before a training batch. */
  public LambdaCallback onBatchBegin(Begin action) {
    batchBegin = Objects.requireNonNull(action, "action");
    return this;
  }

  /** After a training batch. */
  public LambdaCallback onBatchEnd(End action) {
    batchEnd = Objects.requireNonNull(action, "action");
    return this;
  }

  @Override
  public void onTrainBegin(Training training) {
    trainBegin.accept(training);
  }

  @Override
  public void onTrainEnd(Training training) {
    trainEnd.accept(training);
  }

  @Override
  public void onEpochBegin(Training training, int epoch) {
    epochBegin.accept(training, epoch);
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    epochEnd.accept(training, epoch, logs);
  }

  @Override
  public void onBatchBegin(Training training, int batch) {
    batchBegin.accept(training, batch);
  }

  @Override
  public void onBatchEnd(Training training, int batch, Logs logs) {
    batchEnd.accept(training, batch, logs);
  }
}
