package io.github.einkorn.train;

import java.util.List;

/**
 * lr ← max(factor · lr, minLr) once a number has not improved for {@code patience} epochs; it counts again from the
 * last of {@code cooldown} epochs on. Improving means by more than {@code minDelta}. Adds {@code learning_rate}, that
 * of the epoch that has ended, to the logs. Defaults and behaviour are Keras's; PyTorch's scheduler does the same with
 * a patience and a cooldown that are less by one, and an absolute threshold.
 */
public final class ReduceLROnPlateau implements Callback {
  private static final String WHO = "ReduceLROnPlateau";

  private final Monitor monitor;
  private double factor = 0.1;
  private int patience = 10;
  private int cooldown;
  private double minLr;
  private boolean verbose;
  private double best;
  private int wait;
  private int cooling;

  /** Watches a number, such as {@code val_loss}. */
  public ReduceLROnPlateau(String monitor) {
    this.monitor = new Monitor(WHO, monitor);
    minDelta(1e-4);
  }

  /** What the learning rate is multiplied by, between 0 and 1. Default 0.1. */
  public ReduceLROnPlateau factor(double factor) {
    if (!(factor > 0 && factor < 1)) {
      throw new IllegalArgumentException(WHO + ": factor must lie between 0 and 1, got " + factor);
    }
    this.factor = factor;
    return this;
  }

  /** Epochs without improvement after which it acts. Default 10. */
  public ReduceLROnPlateau patience(int epochs) {
    patience = Monitor.notNegative(WHO, "patience", epochs);
    return this;
  }

  /** Epochs after a reduction, of which it counts none but the last. Default 0. */
  public ReduceLROnPlateau cooldown(int epochs) {
    cooldown = Monitor.notNegative(WHO, "cooldown", epochs);
    return this;
  }

  /** The least learning rate. Default 0. */
  public ReduceLROnPlateau minLr(double lr) {
    minLr = Monitor.notNegative(WHO, "minLr", lr);
    return this;
  }

  /** The least change that is an improvement. Default 1e-4. */
  public ReduceLROnPlateau minDelta(double delta) {
    monitor.minDelta(delta);
    return this;
  }

  /**
   * {@code min}, {@code max}, or {@code auto}: max for a name with accuracy, acc, auc, f1, precision, recall or
   * fmeasure as one of its words, such as {@code val_top5_accuracy}, unless it ends in loss. Default auto.
   */
  public ReduceLROnPlateau mode(String mode) {
    monitor.mode(mode);
    return this;
  }

  /** Whether to say when it acts. Default false. */
  public ReduceLROnPlateau verbose(boolean wanted) {
    verbose = wanted;
    return this;
  }

  @Override
  public List<String> logNames() {
    return List.of(Training.RATE);
  }

  @Override
  public void onTrainBegin(Training training) {
    training.require(WHO, monitor.name);
    training.setsRate(WHO, null);
    best = monitor.worst();
    wait = 0;
    cooling = 0;
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    double lr = training.optimizer().lr();
    double current = logs.get(monitor.name);
    if (cooling > 0) {
      cooling--;
      wait = 0;
    }
    if (monitor.better(current, best)) {
      best = current;
      wait = 0;
    } else if (cooling == 0 && ++wait >= patience && lr > minLr) {
      double reduced = Math.max(lr * factor, minLr);
      training.optimizer().lr(reduced);
      if (verbose) training.say("Epoch " + epoch + ": " + WHO + " reducing learning rate to " + Text.number(reduced));
      cooling = cooldown;
      wait = 0;
    }
  }
}
