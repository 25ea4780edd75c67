package io.github.einkorn.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the programs one after the other, and compares what they show with what is expected of them. */
@Command(name = "lectures", description = "Runs the programs of the lectures, or those named; prints their figures.")
public final class Lectures implements Callable<Integer> {
  private record Row(String program, Figure figure, double seconds) {}

  @Parameters(paramLabel = "NAME", description = "programs (default: all)")
  private List<String> names = List.of();

  @Option(names = "--out", paramLabel = "DIR", description = "where pictures and what is printed go")
  private Path out = Path.of("target", "lectures");

  @Option(names = "--quick", description = "slices of seconds, on a sample of MNIST")
  private boolean quick;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "this")
  private boolean help;

  /** Exits with 1 if a figure is not met or a program fails. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Lectures()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    for (String name : names) {
      if (Examples.ALL.stream().noneMatch(p -> p.get().name().equalsIgnoreCase(name))) {
        System.err.println("no program is called " + name + "; scripts/example.sh lists them");
        return 2;
      }
    }
    var rows = new ArrayList<Row>();
    for (var program : Examples.ALL) {
      String[] options = quick ? new String[] {"--out", "" + out, "--quick"} : new String[] {"--out", "" + out};
      Example example = Examples.parse(program, options);
      if (names.isEmpty() || names.stream().anyMatch(example.name()::equalsIgnoreCase)) rows.addAll(run(example));
    }
    print(rows);
    return rows.stream().allMatch(r -> r.figure.met()) ? 0 : 1;
  }

  /** What it prints goes to a file; a program that fails is a figure that is not met. */
  private List<Row> run(Example example) throws IOException {
    PrintStream screen = System.out;
    long start = System.nanoTime();
    List<Figure> figures;
    try (var log = new PrintStream(Files.newOutputStream(out.resolve(example.name() + ".txt")), true,
        StandardCharsets.UTF_8)) {
      System.setOut(log);
      figures = example.figures();
    } catch (Exception e) {
      e.printStackTrace();
      figures = List.of(new Figure("runs", "yes", e.toString(), false, false));
    } finally {
      System.setOut(screen);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long met = figures.stream().filter(Figure::met).count();
    System.out.printf(Locale.ROOT, "%-20s %d of %d figures met, %.0f s%n", example.name(), met, figures.size(),
        seconds);
    return figures.stream().map(f -> new Row(example.name(), f, seconds)).toList();
  }

  private static void print(List<Row> rows) {
    System.out.println("\n| program | what | expected | by | here | met | time |\n|---|---|---|---|---|---|--:|");
    String last = "";
    for (Row r : rows) {
      boolean first = !r.program.equals(last);
      last = r.program;
      System.out.printf(Locale.ROOT, "| %s | %s | %s | %s | %s | %s | %s |%n", first ? r.program : "", r.figure.what(),
          r.figure.expected(), r.figure.ofLecture() ? "the lecture" : "us", r.figure.here(),
          r.figure.met() ? "yes" : "NO", first ? String.format(Locale.ROOT, "%.0f s", r.seconds) : "");
    }
  }
}
