package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_conv2d_choose;
import static io.github.einkorn.global.einkorn.ek_conv2d_choose_none;
import static io.github.einkorn.global.einkorn.ek_conv2d_time;
import static io.github.einkorn.global.einkorn.ek_cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Algorithms of convolutions, chosen by timing them on this machine instead of by the library's table, which knows the
 * shapes it was measured with:
 *
 * <pre>{@code
 * trainer.fit(train.take(1000), 1);      // meets the shapes
 * Tuning tuning = Tuning.measure();
 * tuning.apply();
 * tuning.save(Path.of("tuning.json"));   // and another time: Tuning.load(Path.of("tuning.json")).apply();
 * }</pre>
 *
 * <p>Every algorithm is exact to the tolerance of {@link Winograd}, and results do not depend on the number of threads;
 * but algorithms differ in the last bits. Two runs give the same bits if they apply the same file, not if each
 * measures.
 *
 * @param machine where it was measured
 * @param choices of every convolution that several algorithms can compute
 */
public record Tuning(Machine machine, List<Choice> choices) {
  private static final double FASTER = 0.9; // of the time of the table's choice: what is less is noise

  /** A tuning of these choices. */
  public Tuning {
    choices = List.copyOf(choices);
  }

  /**
   * What the times depend on.
   *
   * @param cpu the brand of the processor
   * @param isa as {@link Einkorn#isa()}
   * @param threads as {@link Einkorn#threads()}
   * @param versions as {@link Einkorn#versions()}
   */
  public record Machine(String cpu, String isa, int threads, String versions) {
    /** This one, with the settings in force. */
    public static Machine here() {
      Native.load();
      return new Machine(ek_cpu().getString(), Einkorn.isa(), Einkorn.threads(), Einkorn.versions());
    }

    private String difference(Machine other) {
      var lines = new ArrayList<String>();
      if (!cpu.equals(other.cpu)) lines.add("cpu '" + cpu + "', here '" + other.cpu + "'");
      if (!isa.equals(other.isa)) lines.add("isa " + isa + ", here " + other.isa);
      if (threads != other.threads) lines.add(threads + " threads, here " + other.threads);
      if (!versions.equals(other.versions)) lines.add("versions '" + versions + "', here '" + other.versions + "'");
      return String.join("; ", lines);
    }
  }

  /**
   * The algorithm of a pass of a shape.
   *
   * @param op {@code conv2d}, {@code conv2d_grad_input} or {@code conv2d_grad_weight}
   * @param shape n, c, h, w of the input; output channels; height and width of the kernel, stride and dilation; padding
   *     above, left, below and right; groups
   * @param algorithm as {@link Einkorn#explain()} names it
   * @param nanoseconds the time of each that can compute it; the table's choice is the first
   */
  public record Choice(String op, List<Integer> shape, String algorithm, Map<String, Long> nanoseconds) {
    /** Throws IllegalArgumentException unless there is such an operation and the shape has 16 numbers. */
    public Choice {
      shape = new Convolution(op, shape).shape();
      nanoseconds = Collections.unmodifiableMap(new LinkedHashMap<>(nanoseconds));
    }

    Convolution convolution() {
      return new Convolution(op, shape);
    }
  }

  /**
   * Times, for every convolution that {@link Einkorn#explain()} lists, the algorithms that can compute it and that
   * {@link Einkorn#winograd} allows: in turns, at least five times each. Those computed with the pooling behind them
   * ({@code conv2d_pool2d}) keep their way. The table's choice stays unless the median of another is at least a tenth
   * shorter. Shapes of which no gradient was computed are timed as in inference, with their weights packed once.
   * Nothing else should run meanwhile; it takes about 0.1 s for a shape.
   *
   * @throws OutOfNativeMemoryException if there is no memory for the largest shape
   * @throws IllegalArgumentException if {@link Einkorn#winograd} is set meanwhile
   */
  public static Tuning measure() {
    Native.load();
    Set<Convolution> met = Profile.rows().stream()
        .filter(Profile.Row::isConvolution)
        .map(Profile.Row::convolution)
        .collect(Collectors.toCollection(LinkedHashSet::new));
    Set<List<Integer>> trained =
        met.stream().filter(c -> c.pass() > 0).map(Convolution::shape).collect(Collectors.toSet());
    var choices = new ArrayList<Choice>();
    for (Convolution c : met) {
      List<String> candidates = c.candidates();
      if (candidates.size() > 1) choices.add(fastest(c, candidates, !trained.contains(c.shape())));
    }
    return new Tuning(Machine.here(), choices);
  }

  private static Choice fastest(Convolution c, List<String> candidates, boolean packed) {
    long[] times = new long[candidates.size()];
    Native.check(ek_conv2d_time(c.numbers(), c.pass(), packed ? 1 : 0, times.length, times));
    int best = 0;
    for (int i = 1; i < times.length; i++) if (times[i] < times[best]) best = i;
    if (times[best] > FASTER * times[0]) best = 0;
    var named = new LinkedHashMap<String, Long>();
    for (int i = 0; i < times.length; i++) named.put(candidates.get(i), times[i]);
    return new Choice(c.op(), c.shape(), candidates.get(best), named);
  }

  /**
   * Computes these convolutions by these algorithms from now on, in the whole process, and all others by the table. An
   * algorithm that this machine or {@link Einkorn#winograd} does not allow is left out; the table then decides.
   */
  public void apply() {
    clear();
    for (Choice c : choices) {
      Convolution k = c.convolution();
      if (k.candidates().contains(c.algorithm)) {
        Native.check(ek_conv2d_choose(k.numbers(), k.pass(), c.algorithm));
      }
    }
  }

  /** Leaves all convolutions to the table again. */
  public static void clear() {
    Native.load();
    ek_conv2d_choose_none();
  }

  /**
   * Writes JSON. The file appears complete or not at all; missing folders are made.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public void save(Path file) {
    try {
      TuningFile.write(file, this);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e, e);
    }
  }

  /** As {@link #load(Path, boolean)}, for this machine alone. */
  public static Tuning load(Path file) {
    return load(file, false);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @param anyMachine whether it may have been measured on another machine, or with other settings
   * @throws EinkornException if it was and must not: the message says in what they differ
   * @throws FormatException if it is no such file, or corrupt, or names an unknown algorithm
   * @throws UncheckedIOException if it cannot be read
   */
  public static Tuning load(Path file, boolean anyMachine) {
    Native.load();
    Tuning t;
    try {
      t = TuningFile.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    String difference = t.machine.difference(Machine.here());
    if (!anyMachine && !difference.isEmpty()) {
      throw new EinkornException(file + " was measured elsewhere: " + difference
          + "; measure anew, or take it all the same with load(file, true)");
    }
    return t;
  }

  /** A table of the choices and times. */
  @Override
  public String toString() {
    var rows = new ArrayList<String[]>();
    rows.add(new String[] {"operation", "shape", "algorithm", "ms of each, the table's choice first"});
    for (Choice c : choices) {
      String times = c.nanoseconds.entrySet().stream()
          .map(e -> e.getKey() + " " + Profile.number(3, e.getValue() / 1e6))
          .collect(Collectors.joining(", "));
      rows.add(new String[] {c.op, c.convolution().describe(), c.algorithm, times});
    }
    return "%s, %s, %d threads%n".formatted(machine.cpu, machine.isa, machine.threads) + Table.of("<<<<", rows);
  }
}
