package io.github.einkorn.train;

import java.util.List;

/**
 * Takes part in {@link Trainer#fit}, as Keras's callbacks do. Epochs and batches count from 1. An exception ends the
 * training: every callback that has begun gets {@link #onTrainEnd}, and the exception goes on to the caller.
 */
public interface Callback {
  /** Before the first epoch. */
  default void onTrainBegin(Training training) {}

  /** After the last epoch, also when training was stopped or failed. */
  default void onTrainEnd(Training training) {}

  /** Before an epoch; all layers are in training mode, and those that are set to evaluation stay so for the epoch. */
  default void onEpochBegin(Training training, int epoch) {}

  /** After an epoch and its validation, whose numbers start with {@code val_}. */
  default void onEpochEnd(Training training, int epoch, Logs logs) {}

  /** Before a training batch. */
  default void onBatchBegin(Training training, int batch) {}

  /** After a training batch, with the averages of the epoch so far. */
  default void onBatchEnd(Training training, int batch, Logs logs) {}

  /**
   * Names of the numbers that it adds to the logs of an epoch, for those after it to monitor. Where one is {@code
   * learning_rate}, the trainer adds that of the epoch's last batch before the first {@link #onEpochEnd}.
   */
  default List<String> logNames() {
    return List.of();
  }
}
