package io.github.einkorn.train;

import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * Sets the learning rate before each epoch, as Keras's callback of that name:
 *
 * <pre>{@code
 * new LearningRateScheduler(epoch -> 1e-3 * Math.pow(0.5, epoch - 1))
 * }</pre>
 */
public final class LearningRateScheduler implements Callback {
  private final IntToDoubleFunction schedule;

  /** The learning rate as a function of the epoch, which counts from 1. A refused rate ends training. */
  public LearningRateScheduler(IntToDoubleFunction schedule) {
    this.schedule = Objects.requireNonNull(schedule, "schedule");
  }

  @Override
  public void onEpochBegin(Training training, int epoch) {
    training.optimizer().lr(schedule.applyAsDouble(epoch));
  }
}
