package io.github.einkorn.peers.driver;

import io.github.einkorn.peers.Task;
import io.github.einkorn.peers.Whole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs Einkorn beside its peers. */
@Command(name = "scripts/bench.sh peers", sortOptions = false, usageHelpAutoWidth = true,
    description = {"Measures Einkorn beside its peers, on the same work, each in a process of its own, in alternating "
        + "rounds after warming up. Prints medians and how many times longer the best peer takes, and writes them to "
        + "benchmarks/results/<date>.md with a chart beside it.",
        "",
        "A library that cannot be had, crashes or hangs is a row that says so. Nothing else should run meanwhile."},
    footer = {"", "Example: scripts/bench.sh peers --only W1,W2 --libs einkorn,pytorch --threads 1,2"})
public final class Peers implements Callable<Integer> {
  @Option(names = "--threads", split = ",", paramLabel = "N",
      description = "numbers of threads (default: 1 and all processors)")
  private List<Integer> threads = List.of();

  @Option(names = "--only", split = ",", paramLabel = "WORK",
      description = "groups (W1 to W9, resnet50, mobilenet, quickstart) or tasks (see --list); default: all but "
          + "W8-mnist, which is long")
  private List<String> only = List.of();

  @Option(names = "--libs", split = ",", paramLabel = "LIBRARY",
      description = "some of ${COMPLETION-CANDIDATES} (default: all)",
      completionCandidates = Names.class)
  private List<String> libs = List.of();

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "15", description = "rounds (default ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--processes", paramLabel = "N", defaultValue = "3",
      description = "processes of each library that share the rounds, since each is fast or slow by where its memory "
          + "happens to lie (default ${DEFAULT-VALUE})")
  private int processes;

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "0.5",
      description = "how long one library takes in a round, at least one step (default ${DEFAULT-VALUE})")
  private double seconds;

  @Option(names = "--timeout", paramLabel = "S", defaultValue = "300",
      description = "seconds without an answer after which a worker is given up (default ${DEFAULT-VALUE})")
  private double timeout;

  @Option(names = "--heap", paramLabel = "SIZE",
      description = "the most Java heap of each library's process, such as 128m, since peak memory holds what the JVM "
          + "lets its own garbage grow to (default: the JVM's choice)")
  private String heap;

  @Option(names = "--list", description = "list the tasks and end")
  private boolean list;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this and end")
  private boolean help;

  @Option(names = "--root", hidden = true, required = true)
  private Path root;

  private String[] arguments;

  /** What {@code --libs} takes. */
  static final class Names extends ArrayList<String> {
    Names() {
      super(Selection.libraries(List.of()).stream().map(Library::toString).toList());
    }
  }

  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    var peers = new Peers();
    peers.arguments = args;
    System.exit(new CommandLine(peers).setExecutionExceptionHandler((e, line, parsed) -> {
      if (!(e instanceof IllegalArgumentException)) throw e;
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (list) {
      Task.all().forEach(System.out::println);
      return 0;
    }
    int processors = Runtime.getRuntime().availableProcessors();
    if (threads.isEmpty()) threads = processors == 1 ? List.of(1) : List.of(1, processors);
    for (int n : threads) check("--threads", "1 to " + processors + ", the processors here", n, 1, processors);
    check("--rounds", "at least 1", rounds, 1, Integer.MAX_VALUE);
    check("--processes", "1 to the number of rounds", processes, 1, rounds);
    check("--seconds", "more than 0, at most 600", seconds, Double.MIN_VALUE, 600);
    check("--timeout", "at least 1", timeout, 1, Integer.MAX_VALUE);
    if (heap != null && !heap.matches("[0-9]+[kmg]")) {
      throw new IllegalArgumentException("--heap: expected a size such as 128m; got " + heap);
    }
    List<Task> tasks = Selection.tasks(only);
    List<Library> wanted = Selection.libraries(libs);

    var status = new Status();
    List<String> options = heap == null ? List.of() : List.of("-Xmx" + heap);
    var libraries = new Libraries(root.toAbsolutePath().normalize(), options);
    for (Library library : wanted) {
      status.accept("building " + library);
      libraries.build(library);
    }
    var machine = Machine.read(libraries, wanted, threads, status);
    status.clear();
    System.out.print(machine.text());
    var runner = new Rounds(libraries, wanted, rounds, processes, seconds, timeout, status);
    var all = new ArrayList<Comparison>();
    for (Task task : tasks) {
      for (int n : task == Whole.DOWNLOAD ? List.of(0) : threads) {
        Comparison c = runner.measure(task, n);
        status.clear();
        System.out.print(Report.terminal(c));
        all.add(c);
      }
    }
    write(machine, all, libraries);
    return 0;
  }

  private void write(Machine machine, List<Comparison> all, Libraries libraries) throws IOException {
    Path results = Files.createDirectories(root.toAbsolutePath().normalize().resolve("benchmarks/results"));
    Path file = free(results, LocalDate.now().toString());
    Path chart = Path.of(file.toString().replaceAll("md$", "svg"));
    Files.writeString(file, Report.markdown(machine, command(), all, chart.getFileName().toString()));
    boolean drawn = BarChart.write(all, chart);
    System.out.printf("%nWritten to %s%s%n", file, drawn ? " and " + chart.getFileName() : "");
    if (all.stream().flatMap(c -> c.rows().stream()).anyMatch(r -> !r.ran())) {
      System.out.println("What workers and builds complained of is in " + libraries.logs());
    }
  }

  /** The first of date.md, date-2.md, date-3.md … that is not there yet. */
  static Path free(Path folder, String date) {
    Path file = folder.resolve(date + ".md");
    for (int i = 2; Files.exists(file); i++) file = folder.resolve(date + "-" + i + ".md");
    return file;
  }

  private String command() {
    var words = new ArrayList<>(List.of("scripts/bench.sh peers"));
    for (String a : arguments) if (!a.startsWith("--root=")) words.add(a);
    return String.join(" ", words);
  }

  private static void check(String option, String expected, double value, double low, double high) {
    if (value >= low && value <= high) return;
    throw new IllegalArgumentException(option + ": expected " + expected + "; got " + Row.number(value));
  }
}
