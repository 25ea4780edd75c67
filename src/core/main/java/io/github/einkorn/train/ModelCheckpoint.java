package io.github.einkorn.train;

import io.github.einkorn.Scope;
import io.github.einkorn.io.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Saves the model after each epoch, or after those that are the best so far:
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
  private static final String ENDING = ".safetensors";

  private final Path dir;
  private final Template template;
  private final Monitor monitor = new Monitor(WHO, "val_loss");
  private boolean saveBestOnly;
  private boolean saveWeightsOnly = true;
  private boolean verbose;
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

  /** {@code min}, {@code max}, or {@code auto}: max for accuracy, AUC, precision and recall. Default auto. */
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
   * Whether the optimizer is left out. Default true. Otherwise its state goes into a second file, {@code
   * name.optimizer.safetensors} beside {@code name.safetensors}, for {@link io.github.einkorn.optim.Optimizer#load}.
   */
  public ModelCheckpoint saveWeightsOnly(boolean wanted) {
    saveWeightsOnly = wanted;
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

  /** The file of the best epoch; null if there is none. */
  public Path bestPath() {
    return bestPath;
  }

  /** Where the optimizer's state goes that belongs to a model's file. */
  public static Path optimizerPath(Path model) {
    String name = model.getFileName().toString();
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    return model.resolveSibling(stem + ".optimizer" + ENDING);
  }

  @Override
  public void onTrainBegin(Training training) {
    if (saveBestOnly) training.require(WHO, monitor.name);
    template.check(training.names());
    try {
      Files.createDirectories(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(WHO + ": cannot make the folder " + dir, e);
    }
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    double current = logs.has(monitor.name) ? logs.get(monitor.name) : Double.NaN;
    double before = Double.isNaN(best) ? monitor.worst() : best;
    boolean improved = monitor.better(current, before);
    if (saveBestOnly && !improved) {
      say(training, epoch, monitor.name + " did not improve from " + Text.number(before));
      return;
    }
    Path file = dir.resolve(template.name(epoch, logs.asMap()));
    say(training, epoch, (saveBestOnly
        ? monitor.name + " improved from " + Text.number(before) + " to " + Text.number(current) + ", " : "")
        + "saving model to " + file);
    save(training, file);
    lastPath = file;
    if (improved) {
      best = current;
      bestPath = file;
    }
  }

  private void save(Training training, Path file) {
    if (!saveWeightsOnly) {
      try (var scope = new Scope()) {
        Safetensors.write(optimizerPath(file), training.optimizer().state());
      }
    }
    training.model().save(file);
  }

  private void say(Training training, int epoch, String what) {
    if (verbose) training.say("Epoch " + epoch + ": " + what);
  }
}
