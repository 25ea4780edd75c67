package io.github.einkorn.train;

/** Stops when the loss of a batch has made the epoch's average NaN or infinite; without it training goes on. */
public final class TerminateOnNaN implements Callback {
  /** Watches {@code loss}. */
  public TerminateOnNaN() {}

  @Override
  public void onBatchEnd(Training training, int batch, Logs logs) {
    double loss = logs.get("loss");
    if (Double.isFinite(loss)) return;
    training.say("Batch " + batch + ": invalid loss " + loss + ", terminating training");
    training.stop("the loss became " + loss + " in batch " + batch);
  }
}
