package io.github.einkorn.benchmarks;

import picocli.CommandLine;

/** How a command ends that could not run: one sentence and status 2. */
final class Failure {
  private Failure() {}

  static int say(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    boolean ours = e instanceof java.io.IOException || e instanceof IllegalArgumentException;
    command.getErr().println(ours ? e.getMessage() : e);
    return 2;
  }
}
