package io.github.einkorn.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/**
 * Saves the model after each epoch, after those that are the best so far, or after a number of batches:
 *
 * <pre>{@code
 * new ModelCheckpoint(dir, "best.{epoch:03d}-{val_loss:.4f}.safetensors").saveBestOnly(true)
 * }</pre>
 *
 * <p>The template's fields are {@code epoch}, from 1, and the names in the logs, with Python's formats: {@code
 * [0][width]d} for the epoch, {@code [0][width][.digits]f} or {@code e} for the others. A file appears complete or not
 * at all. Behaviour is Keras's; the best value is kept when {@code fit} is called again.
 */
public final class ModelCheckpoint implements Callback {
  private static final String WHO = "ModelCheckpoint";

  private final Path dir;
  private final Template template;
  private final Monitor monitor = new Monitor(WHO, "val_loss");
  private boolean saveBestOnly;
  private boolean saveWeightsOnly = true;
  private boolean verbose;
  private int saveFreq; // batches; 0: after each epoch
  private int epoch;
  private int seen; // batches since the last file
  private double best = Double.NaN; // none yet
  private Path bestPath;
  private Path lastPath;

  /**
   * Saves into a folder, which is made if it is missing.
   *
   * @throws IllegalArgumentException if a field of the template cannot be read, or it names no file in the folder
   */
  public ModelCheckpoint(Path dir, String template) {
    this.dir = dir.toAbsolutePath().normalize();
    this.template = new Template(WHO, template);
  }

  /** The number that says which epoch is best. Default {@code val_loss}. */
  public ModelCheckpoint monitor(String name) {
    monitor.name(name);
    return this;
  }

  /**
   * {@code min}, {@code max}, or {@code auto}: max for a name with accuracy, acc, auc, f1, precision, recall or
   * fmeasure as one of its words, such as {@code val_top5_accuracy}, unless it ends in loss. Default auto.
   */
  public ModelCheckpoint mode(String mode) {
    monitor.mode(mode);
    return this;
  }

  /** Whether only an epoch that is better than all before is saved. Default false. */
  public ModelCheckpoint saveBestOnly(boolean wanted) {
    saveBestOnly = wanted;
    return this;
  }

  /**
   * Whether the optimizer is left out. Default true. Otherwise its state, that of the {@link LearningRateScheduler}'s
   * scheduler and the random numbers' are saved too, for {@link Checkpoint#load} to go on. Callbacks that set the rate
   * at the end of an epoch or batch have to come first.
   */
  public ModelCheckpoint saveWeightsOnly(boolean wanted) {
    saveWeightsOnly = wanted;
    return this;
  }

  /**
   * Saves after so many batches, counted over all epochs, in place of each epoch. The template may then have {@code
   * batch}, and what it and the monitor name are averages of the epoch so far: there is no {@code val_loss} yet.
   */
  public ModelCheckpoint saveFreq(int batches) {
    if (batches < 1) throw new IllegalArgumentException(WHO + ": saveFreq must be at least 1, got " + batches);
    saveFreq = batches;
    return this;
  }

  /** What the monitored number has to beat to be the best for the first time. Default none. */
  public ModelCheckpoint initialValueThreshold(double value) {
    if (Double.isNaN(value)) throw new IllegalArgumentException(WHO + ": initialValueThreshold is not a number");
    best = value;
    return this;
  }

  /** Whether to say what was saved, and what was not. Default false. */
  public ModelCheckpoint verbose(boolean wanted) {
    verbose = wanted;
    return this;
  }

  /** The file saved last; null if there is none. */
  public Path lastPath() {
    return lastPath;
  }

  /** The file of the best epoch; null if there is none, or if that of a later epoch took its place. */
  public Path bestPath() {
    return bestPath;
  }

  @Override
  public void onTrainBegin(Training training) {
    seen = 0;
    if (!saveWeightsOnly) training.savesRate();
    if (saveFreq > 0 && saveBestOnly) training.requireInBatches(WHO, monitor.name);
    else if (saveBestOnly) training.require(WHO, monitor.name);
    var fields = new ArrayList<>(saveFreq > 0 ? training.batchNames() : training.names());
    if (saveFreq > 0) fields.add(0, Template.BATCH);
    template.check(fields);
    try {
      Files.createDirectories(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(WHO + ": cannot make the folder " + dir, e);
    }
  }

  @Override
  public void onEpochBegin(Training training, int epoch) {
    this.epoch = epoch;
  }

  @Override
  public void onBatchEnd(Training training, int batch, Logs logs) {
    if (saveFreq == 0 || ++seen < saveFreq) return;
    seen = 0;
    saveIfWanted(training, batch, logs);
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    if (saveFreq == 0) saveIfWanted(training, 0, logs);
  }

  private void saveIfWanted(Training training, int batch, Logs logs) {
    double current = logs.has(monitor.name) ? logs.get(monitor.name) : Double.NaN;
    double before = Double.isNaN(best) ? monitor.worst() : best;
    boolean improved = monitor.better(current, before);
    if (saveBestOnly && !improved) {
      say(training, batch, monitor.name + " did not improve from " + Text.number(before));
      return;
    }
    Path file = dir.resolve(template.name(epoch, batch, logs.asMap()));
    say(training, batch, (saveBestOnly
        ? monitor.name + " improved from " + Text.number(before) + " to " + Text.number(current) + ", " : "")
        + "saving model to " + file);
    save(training, file);
    lastPath = file;
    if (improved) {
      best = current;
      bestPath = file;
    } else if (file.equals(bestPath)) {
      bestPath = null;
    }
  }

  private void save(Training training, Path file) {
    if (saveWeightsOnly) training.model().save(file);
    else Checkpoint.save(file, training.model(), training.optimizer(), training.scheduler());
  }

  private void say(Training training, int batch, String what) {
    if (verbose) training.say("Epoch " + epoch + (batch > 0 ? ", batch " + batch : "") + ": " + what);
  }
}
