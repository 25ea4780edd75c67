package io.github.einkorn.benchmarks;

import java.util.List;
import picocli.CommandLine.Option;

/** What commands over the table of operations are asked: which rows, on how many threads. */
final class Choice {
  @Option(names = "--only", split = ",", paramLabel = "ROW", description = "rows or families, as conv2d,\"sum: last\"")
  List<String> only = List.of();

  @Option(names = "--threads", split = ",", paramLabel = "N", description = "default: all processors")
  List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "prints this")
  boolean help;
}
