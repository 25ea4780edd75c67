package io.github.einkorn.examples;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.FashionMnist;
import io.github.einkorn.data.Mnist;
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
 * extend this with a {@code @Command(name, header: the lectures, description: what it shows in one line)}, and list it
 * in {@link Examples#ALL}. Options of its own are fields with {@code @Option}.
 */
@Command(headerHeading = "Lecture ", sortOptions = false)
abstract class Example implements Callable<Integer> {
  private static final int SLICE = 2000;

  @Spec CommandSpec spec;

  @Option(names = "--epochs", paramLabel = "N", description = "passes over the training data (default: the lecture's)")
  private Integer epochs;

  @Option(names = "--seed", paramLabel = "N", description = "of all random numbers (default: ${DEFAULT-VALUE})")
  private long seed = 777;

  @Option(names = "--limit", paramLabel = "N", description = "train and test with the first N images only")
  private Integer limit;

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

  /** How often to pass over the data: as asked for, else {@code full}, or {@code slice} of a quick run. */
  final int epochs(int full, int slice) {
    return epochs != null ? epochs : either(full, slice);
  }

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

  /** MNIST's images to train on, (1, 28, 28) in [0, 1]; a quick run takes the first of the sample. */
  final Dataset mnistTrain() {
    return limited(quick ? Mnist.sampleTrain() : Mnist.train());
  }

  /** MNIST's images to test with. */
  final Dataset mnistTest() {
    return limited(quick ? Mnist.sampleTest() : Mnist.test());
  }

  /** Fashion-MNIST's images to train on; a quick run takes digits, which need no download. */
  final Dataset fashionTrain() {
    return quick ? mnistTrain() : limited(FashionMnist.train());
  }

  /** Fashion-MNIST's images to test with; a quick run takes digits. */
  final Dataset fashionTest() {
    return quick ? mnistTest() : limited(FashionMnist.test());
  }

  private Dataset limited(Dataset images) {
    if (limit == null && !quick) return images;
    return images.take(limit != null ? limit : SLICE);
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
    positive("--epochs", epochs);
    positive("--limit", limit);
    List<Figure> figures = figures();
    System.out.println();
    for (Figure f : figures) System.out.println(f);
    for (Path p : pictures) System.out.println("Picture: " + p);
    return 0;
  }

  private void positive(String option, Integer value) {
    if (value != null && value < 1) {
      throw new ParameterException(spec.commandLine(), option + " must be at least 1, got " + value);
    }
  }
}
