package io.github.einkorn.examples;

import io.github.einkorn.EinkornException;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** All programs of the lectures: lists them, or runs one. */
@Command(name = "scripts/example.sh", synopsisSubcommandLabel = "NAME", commandListHeading = "%nPrograms:%n",
    description = "Runs a program of the lectures; NAME --help tells its options. Without a name it lists all.")
public final class Examples implements Runnable {
  /** In the order of the lectures. */
  static final List<Supplier<Example>> ALL = List.of(
      ShapeWalk::new, SoftmaxToy::new, BackpropByHand::new, Gates::new, Xor::new, MnistSoftmax::new,
      MnistNormalInit::new, MnistXavier::new, MnistHe::new, MnistDropout::new, MnistBatchNorm::new, HiddenSizes::new,
      InitStudy::new, Rbm::new, Dbn::new, OptimizerPaths::new, BatchSizes::new, Regularizers::new, KerasMnist::new,
      TwoTowers::new, GlobalAveragePooling::new, FashionCnn::new, LeNet5::new, AlexNet::new, GoogLeNet::new,
      SentenceCnn::new, Im2col::new, SimpleConvNet::new, Filters::new, SmoothCurve::new);

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "this")
  private boolean help;

  /** Exits with 0, with 1 if the program fails, with 2 if there is none of that name or an option is wrong. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    var all = new CommandLine(new Examples());
    for (var program : ALL) all.addSubcommand(program.get());
    return all.setSubcommandsCaseInsensitive(true)
        .setOverwrittenOptionsAllowed(true)
        .setExecutionExceptionHandler((e, command, parsed) -> {
          // what the user can mend is told in a sentence; anything else is a bug, and its place matters
          if (!(e instanceof EinkornException) && !(e instanceof IOException)) throw e;
          command.getErr().println(e instanceof EinkornException ? e.getMessage() : e.toString());
          return 1;
        });
  }

  /** A program with its options, ready for {@link Example#figures}. */
  static Example parse(Supplier<Example> program, String... options) {
    Example e = program.get();
    new CommandLine(e).parseArgs(options);
    return e;
  }

  /** Lists them. */
  @Override
  public void run() {
    System.out.println("Programs of the lectures; scripts/example.sh NAME runs one, NAME --help tells its options.\n");
    for (var program : ALL) {
      Example e = program.get();
      System.out.printf("  %-20s %-8s %s%n", e.name(), e.lecture(), e.shows());
    }
  }
}
