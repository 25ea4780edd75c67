package io.github.einkorn.peers.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files into which processes write what they complain about. */
final class Log {
  private static final int LONGEST = 240;

  private Log() {}

  /** The line that tells best why a process failed: Maven's first error, the innermost exception, or the last line. */
  static Optional<String> reason(Path log) {
    List<String> lines;
    try {
      lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()
          .map(l -> l.replaceAll("\\x1b\\[[0-9;]*m", "").trim()).filter(l -> !l.isEmpty()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return first(lines, "[ERROR]").or(() -> last(lines, "Caused by:")).or(() -> last(lines, "Exception in thread"))
        .or(() -> last(lines, "")).map(Log::shorten);
  }

  private static Optional<String> first(List<String> lines, String start) {
    return lines.stream().filter(l -> l.startsWith(start)).findFirst();
  }

  private static Optional<String> last(List<String> lines, String start) {
    return lines.stream().filter(l -> l.startsWith(start)).reduce((a, b) -> b);
  }

  private static String shorten(String line) {
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
