package io.github.einkorn.train;

import io.github.einkorn.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stops once a number has not improved for {@code patience} epochs, improving meaning by more than {@code minDelta}.
 * Defaults and behaviour are Keras's.
 */
public final class EarlyStopping implements Callback {
  private static final String WHO = "EarlyStopping";

  private final Monitor monitor;
  private int patience;
  private int startFromEpoch;
  private boolean verbose;
  private boolean restore;
  private double baseline = Double.NaN;
  private double best;
  private int bestEpoch;
  private int stoppedEpoch;
  private int wait;
  private Map<String, Tensor> weights;

  /** Watches a number, such as {@code val_loss}. */
  public EarlyStopping(String monitor) {
    this.monitor = new Monitor(WHO, monitor);
  }

  /** Epochs without improvement after which it stops. Default 0: at the first. */
  public EarlyStopping patience(int epochs) {
    patience = Monitor.notNegative(WHO, "patience", epochs);
    return this;
  }

  /** The least change that is an improvement. Default 0. */
  public EarlyStopping minDelta(double delta) {
    monitor.minDelta(delta);
    return this;
  }

  /**
   * {@code min}, {@code max}, or {@code auto}: max for a name with accuracy, acc, auc, f1, precision, recall or
   * fmeasure as one of its words, such as {@code val_top5_accuracy}, unless it ends in loss. Default auto.
   */
  public EarlyStopping mode(String mode) {
    monitor.mode(mode);
    return this;
  }

  /** Whether training ends, early or not, with the weights of the best epoch. Default false. */
  public EarlyStopping restoreBestWeights(boolean wanted) {
    restore = wanted;
    return this;
  }

  /** A value that must be beaten too for the patience to begin anew. Default none. */
  public EarlyStopping baseline(double value) {
    if (Double.isNaN(value)) throw new IllegalArgumentException(WHO + ": baseline must be a number, got NaN");
    baseline = value;
    return this;
  }

  /** Epochs at the beginning that it does not look at. Default 0. */
  public EarlyStopping startFromEpoch(int epochs) {
    startFromEpoch = Monitor.notNegative(WHO, "startFromEpoch", epochs);
    return this;
  }

  /** Whether to say when it stops or restores. Default false. */
  public EarlyStopping verbose(boolean wanted) {
    verbose = wanted;
    return this;
  }

  /** The epoch with the best value, from 1; 0 before there is one. */
  public int bestEpoch() {
    return bestEpoch;
  }

  /** The epoch after which it stopped, from 1; 0 if it did not. */
  public int stoppedEpoch() {
    return stoppedEpoch;
  }

  @Override
  public void onTrainBegin(Training training) {
    training.require(WHO, monitor.name);
    best = monitor.worst();
    bestEpoch = 0;
    stoppedEpoch = 0;
    wait = 0;
    weights = null;
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    if (epoch <= startFromEpoch) return;
    double current = logs.get(monitor.name);
    if (restore && weights == null) remember(training, epoch);
    wait++;
    if (monitor.better(current, best)) {
      best = current;
      remember(training, epoch);
      if (Double.isNaN(baseline) || monitor.better(current, baseline)) wait = 0;
    } else if (wait >= patience && epoch > 1) {
      stoppedEpoch = epoch;
      training.stop(monitor.name + " has not improved since epoch " + bestEpoch);
    }
  }

  private void remember(Training training, int epoch) {
    if (restore && bestEpoch != epoch) {
      Map<String, Tensor> now = training.model().stateDict();
      if (weights == null) {
        var copies = new LinkedHashMap<String, Tensor>();
        now.forEach((name, t) -> copies.put(name, t.copy().keep()));
        weights = copies;
      } else {
        weights.forEach((name, t) -> t.copyInPlace(now.get(name)));
      }
    }
    bestEpoch = epoch;
  }

  @Override
  public void onTrainEnd(Training training) {
    if (verbose && stoppedEpoch > 0) training.say("Epoch " + stoppedEpoch + ": early stopping");
    if (weights == null) return;
    if (verbose) training.say("Restoring model weights from the end of the best epoch: " + bestEpoch);
    training.model().loadStateDict(weights);
    weights.values().forEach(Tensor::close);
    weights = null;
  }
}
