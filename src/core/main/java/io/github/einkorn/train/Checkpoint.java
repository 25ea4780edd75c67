package io.github.einkorn.train;

import io.github.einkorn.EinkornException;
import io.github.einkorn.FormatException;
import io.github.einkorn.Random;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.io.Safetensors;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.Scheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * All that it takes to go on with training, in files beside the model's:
 *
 * <pre>{@code
 * Checkpoint.save(Path.of("net.safetensors"), model, adam, schedule);
 *
 * // in a later run, where model, adam and schedule were made in the same way
 * Checkpoint.load(Path.of("net.safetensors"), model, adam, schedule);
 * }</pre>
 *
 * <p>{@code net.safetensors} is the model's as {@link Layer#save} writes it, {@code net.optimizer.safetensors} holds
 * {@link Optimizer#state()}, {@code net.scheduler.safetensors} {@link Scheduler#state()}, and their metadata the random
 * numbers. In {@code fit}, {@link ModelCheckpoint#saveWeightsOnly ModelCheckpoint} writes the same. Where a process
 * ends while it saves over an older checkpoint, one of both can be loaded: the older states wait as {@code
 * net.optimizer.previous.safetensors} and {@code net.scheduler.previous.safetensors} until the model is written.
 *
 * <p>What was saved between two epochs goes on bit for bit as if never stopped, with dropout, shuffling and random
 * transforms. Three things begin anew: callbacks, the epochs that {@code fit} counts, unless it is told an {@link
 * Trainer#initialEpoch initialEpoch}, and the orders of a {@link io.github.einkorn.data.DataLoader} with a seed of its
 * own.
 */
public final class Checkpoint {
  private static final String ENDING = ".safetensors";
  private static final String STEPS = "einkorn.steps", SEED = "einkorn.seed", COUNT = "einkorn.count",
      SAVED = "einkorn.saved"; // what all files of one save have in common, and no others

  private Checkpoint() {}

  /** Saves a model that trains at a rate of its own: see {@link #save(Path, Layer, Optimizer, Scheduler)}. */
  public static void save(Path file, Layer model, Optimizer optimizer) {
    save(file, model, optimizer, null);
  }

  /**
   * Saves all of it, or leaves what was saved there before.
   *
   * @param scheduler or null
   * @throws UncheckedIOException if a file cannot be written
   */
  public static void save(Path file, Layer model, Optimizer optimizer, Scheduler scheduler) {
    var mark = new LinkedHashMap<>(Map.of("format", "pt", STEPS, Long.toString(optimizer.steps()),
        SEED, Long.toString(Random.seed()), COUNT, Long.toString(Random.count()), SAVED, UUID.randomUUID().toString()));
    try (var scope = new Scope()) {
      if (scheduler != null) write(file, schedulerPath(file), scheduler.state(), mark);
      write(file, optimizerPath(file), optimizer.state(), mark);
      Safetensors.write(file, model.stateDict(), mark); // from here on this one is loaded
    }
    for (Path state : List.of(schedulerPath(file), optimizerPath(file))) {
      try {
        Files.deleteIfExists(previous(state));
      } catch (IOException e) { // it belongs to nothing now
        System.getLogger(Checkpoint.class.getName()).log(System.Logger.Level.DEBUG, "left: " + previous(state), e);
      }
    }
  }

  /** Writes a state; the one that belongs to the model's present file is kept. */
  private static void write(Path model, Path file, Map<String, Tensor> state, Map<String, String> mark) {
    Map<String, String> present = mark(model);
    if (present != null && present.equals(mark(file))) keep(file, previous(file));
    Safetensors.write(file, state, mark);
  }

  private static void keep(Path file, Path previous) {
    try {
      Path there = file.toRealPath();
      Files.deleteIfExists(previous);
      try {
        Files.createLink(previous, there);
      } catch (IOException | UnsupportedOperationException e) { // not on this file system
        Files.copy(there, previous);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + previous + ": " + e, e);
    }
  }

  /** Loads what was saved without a scheduler: see {@link #load(Path, Layer, Optimizer, Scheduler)}. */
  public static void load(Path file, Layer model, Optimizer optimizer) {
    load(file, model, optimizer, null);
  }

  /**
   * Loads all of it into a model, an optimizer and a scheduler with the same options. If one of them does not fit,
   * others may be loaded.
   *
   * @param scheduler or null
   * @throws UncheckedIOException if a file cannot be read
   * @throws FormatException if one is no checkpoint, or they were not saved together: nothing is changed then
   * @throws EinkornException if the model does not fit
   * @throws IllegalArgumentException if the optimizer or the scheduler does not
   */
  public static void load(Path file, Layer model, Optimizer optimizer, Scheduler scheduler) {
    Map<String, String> mark = Safetensors.metadata(file);
    Path states = find(file, mark, optimizerPath(file));
    Path curves = scheduler == null ? null : find(file, mark, schedulerPath(file));
    long seed = number(file, mark, SEED), count = number(file, mark, COUNT);
    try (var scope = new Scope()) {
      Map<String, Tensor> state = Safetensors.read(states);
      Map<String, Tensor> curve = scheduler == null ? null : Safetensors.read(curves);
      model.load(file);
      if (scheduler != null) scheduler.load(curve);
      optimizer.load(state); // with the present rate, whatever the curve says
    }
    Random.restore(seed, count);
  }

  /** The file of a state that was saved together with the model: the present one or the previous. */
  private static Path find(Path model, Map<String, String> mark, Path file) {
    for (Path at : List.of(file, previous(file))) if (mark.equals(mark(at))) return at;
    Safetensors.metadata(file); // throws if it cannot be read
    throw new FormatException(model + " and " + file + " were not saved together");
  }

  /** What the files of one save have in common; null where there is none, or what is there is something else. */
  private static Map<String, String> mark(Path file) {
    try {
      return Files.exists(file) ? Safetensors.metadata(file) : null;
    } catch (FormatException e) {
      return null;
    }
  }

  private static long number(Path file, Map<String, String> mark, String key) {
    try {
      return Long.parseLong(mark.get(key));
    } catch (NumberFormatException e) {
      throw new FormatException(file + " is no checkpoint: its metadata have no number \"" + key + "\"", e);
    }
  }

  /** Where the optimizer's state goes that belongs to a model's file. */
  public static Path optimizerPath(Path model) {
    return beside(model, ".optimizer");
  }

  /** Where the scheduler's state goes that belongs to a model's file. */
  public static Path schedulerPath(Path model) {
    return beside(model, ".scheduler");
  }

  private static Path previous(Path state) {
    return beside(state, ".previous");
  }

  private static Path beside(Path model, String what) {
    String name = model.getFileName().toString();
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    return model.resolveSibling(stem + what + ENDING);
  }
}
