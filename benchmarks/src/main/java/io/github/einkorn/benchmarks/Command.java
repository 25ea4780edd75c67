package io.github.einkorn.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Another program, run to its end. */
final class Command {
  private Command() {}

  /** Its status, and what it printed on both streams. */
  record Result(String command, int status, String text) {
    Result orThrow() throws IOException {
      if (status != 0) throw new IOException(command + " ended with status " + status + ": " + text);
      return this;
    }
  }

  static Result run(Path folder, String... command) throws IOException {
    return run(folder, Map.of(), command);
  }

  static Result run(Path folder, Map<String, String> environment, String... command) throws IOException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      return new Result(String.join(" ", command), process.waitFor(), text);
    } catch (InterruptedException e) {
      process.destroy();
      throw new IOException(command[0] + " was interrupted", e);
    }
  }
}
