package io.github.einkorn.train;

import io.github.einkorn.optim.Scheduler;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * Sets the learning rate before each epoch, as Keras's callback of that name, or lets a {@link Scheduler} do it after
 * each epoch or batch:
 *
 * <pre>{@code
 * new LearningRateScheduler(epoch -> 1e-3 * Math.pow(0.5, epoch - 1))
 * new LearningRateScheduler(new CosineAnnealingLR(adam, epochs))
 * new LearningRateScheduler(new OneCycleLR(sgd, 0.1, epochs * train.batches())).perBatch(true)
 * }</pre>
 *
 * <p>Adds {@code learning_rate}, that of the epoch's last batch, to the logs.
 */
public final class LearningRateScheduler implements Callback {
  private final IntToDoubleFunction schedule; // or null
  private final Scheduler scheduler; // or null
  private boolean perBatch;

  /** The learning rate as a function of the epoch, which counts from 1. A refused rate ends training. */
  public LearningRateScheduler(IntToDoubleFunction schedule) {
    this.schedule = Objects.requireNonNull(schedule, "schedule");
    this.scheduler = null;
  }

  /** Takes the steps of a scheduler of the optimizer that is trained with. */
  public LearningRateScheduler(Scheduler scheduler) {
    this.schedule = null;
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
  }

  /** Whether the scheduler takes a step after each batch, not after each epoch. Default false. */
  public LearningRateScheduler perBatch(boolean wanted) {
    if (wanted && scheduler == null) {
      throw new IllegalArgumentException("LearningRateScheduler: a function of the epoch cannot be followed per batch;"
          + " give it a LambdaLR");
    }
    perBatch = wanted;
    return this;
  }

  @Override
  public List<String> logNames() {
    return List.of(Training.RATE);
  }

  @Override
  public void onTrainBegin(Training training) {
    if (scheduler != null && scheduler.optimizer() != training.optimizer()) {
      throw new IllegalArgumentException("LearningRateScheduler: " + scheduler + " is of another optimizer than"
          + " training");
    }
    if (scheduler != null) training.setsRate("LearningRateScheduler", scheduler);
  }

  @Override
  public void onEpochBegin(Training training, int epoch) {
    if (schedule != null) training.optimizer().lr(schedule.applyAsDouble(epoch));
  }

  @Override
  public void onBatchEnd(Training training, int batch, Logs logs) {
    if (perBatch) scheduler.step();
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    if (scheduler != null && !perBatch) scheduler.step();
  }
}
