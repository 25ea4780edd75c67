package io.github.einkorn.examples;

import picocli.CommandLine.Option;

/** A program that passes over data, as often as is asked for. */
abstract class TrainingExample extends Example {
  private Integer epochs;

  @Option(names = "--epochs", order = -3, paramLabel = "N",
      description = "passes over the training data (default: the lecture's)")
  private void epochs(int n) {
    epochs = atLeast(1, "--epochs", n);
  }

  /** How often to pass over the data: as asked for, else {@code full}, or {@code slice} of a quick run. */
  final int epochs(int full, int slice) {
    return epochs != null ? epochs : either(full, slice);
  }
}
