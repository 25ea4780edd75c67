package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A program of the lectures: prints what the lecture prints, draws its pictures, and returns its figures. To add one,
 * extend this, or {@link TrainingExample}, or {@link MnistExample}, with a {@code @Command(name, header: the lectures,
 * description: what it shows in one line)}, and list it in {@link Examples#ALL}. Options of its own are fields with
 * {@code @Option}.
 */
@Command(headerHeading = "Lecture ", sortOptions = false)
abstract class Example implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--seed", paramLabel = "N", description = "of all random numbers (default: ${DEFAULT-VALUE})")
  private long seed = 777;

  @Option(names = "--out", paramLabel = "DIR", description = "folder of the pictures (default: ${DEFAULT-VALUE})")
  private Path out = Path.of("target", "pictures");

  @Option(names = "--quick", description = "a slice of seconds, on a sample of MNIST that needs no download")
  private boolean quick;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "this")
  private boolean help;

  private final List<Path> pictures = new ArrayList<>();

  /** The program itself, after {@code Einkorn.seed}; a bound that the lecture does not give is {@link Figure#own}. */
  abstract List<Figure> run() throws IOException;

  // ---- for programs ----

  /** The first value in a full run, the second in a quick one. */
  final <T> T either(T full, T slice) {
    return quick ? slice : full;
  }

  final boolean isQuick() {
    return quick;
  }

  final long seed() {
    return seed;
  }

  /** The value of an option, which must not be below another. */
  final int atLeast(int least, String option, int value) {
    if (value >= least) return value;
    throw new ParameterException(spec.commandLine(), option + " must be at least " + least + ", got " + value);
  }

  /** The file for a picture, as {@code curves.png}: in the folder asked for, named after the program too. */
  final Path picture(String name) {
    Path file = out.resolve(name() + "-" + name);
    pictures.add(file);
    return file;
  }

  /** A folder for what is no picture, as {@code checkpoints}: beside the pictures, named after the program too. */
  final Path folder(String name) {
    return out.resolve(name() + "-" + name);
  }

  // ---- for those who run them ----

  final String name() {
    return getClass().getAnnotation(Command.class).name();
  }

  final String lecture() {
    return String.join(" ", getClass().getAnnotation(Command.class).header());
  }

  /** What it shows, in one line. */
  final String shows() {
    return String.join(" ", getClass().getAnnotation(Command.class).description());
  }

  /** Runs it from its seed. No lecture has a figure for a slice: those of a quick run are ours. */
  final List<Figure> figures() throws IOException {
    Einkorn.seed(seed);
    List<Figure> figures = run();
    return quick ? figures.stream().map(Figure::own).toList() : figures;
  }

  /** Those drawn so far. */
  final List<Path> pictures() {
    return List.copyOf(pictures);
  }

  @Override
  public final Integer call() throws IOException {
    List<Figure> figures = figures();
    System.out.println();
    for (Figure f : figures) System.out.println(f);
    for (Path p : pictures) System.out.println("Picture: " + p);
    return 0;
  }
}
