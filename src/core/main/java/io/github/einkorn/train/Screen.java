package io.github.einkorn.train;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What can be shown where output goes.
 *
 * @param live whether a line can be redrawn
 * @param columns characters in a line
 * @param color whether to colour
 * @param unicode whether there are characters beyond ASCII
 */
record Screen(boolean live, int columns, boolean color, boolean unicode) {
  private static final String FULL = "━", HALF = "╸", REST = "─", DOT = "·";

  static Screen of(PrintStream out) {
    return of(out == System.out && isTerminal(), System.getenv(), charset());
  }

  static Screen of(boolean terminal, Map<String, String> env, Charset charset) {
    boolean live = terminal && !"dumb".equals(env.get("TERM"));
    boolean unicode = charset.canEncode() && charset.newEncoder().canEncode(FULL + HALF + REST + DOT);
    return new Screen(live, columns(env.get("COLUMNS")), live && env.getOrDefault("NO_COLOR", "").isEmpty(), unicode);
  }

  private static int columns(String given) {
    try {
      int n = given == null ? 80 : Integer.parseInt(given.trim());
      return n >= 20 ? n : 80;
    } catch (NumberFormatException e) {
      return 80;
    }
  }

  /** JDK 22 to 24 have a console even where output is redirected; Linux tells where it goes. */
  private static boolean isTerminal() {
    if (System.console() == null) return false;
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/") && !target.equals("/dev/null");
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return true;
    }
  }

  private static Charset charset() {
    String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
    return name != null && Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
  }

  /** What separates two figures. */
  String dot() {
    return unicode ? " " + DOT + " " : " - ";
  }

  /** A bar that is filled to a share; half characters are told apart where they can be shown. */
  String bar(double share, int width) {
    int halves = (int) (share * 2 * width), full = halves / 2;
    if (!unicode) return "=".repeat(full) + (full < width ? ">" + ".".repeat(width - full - 1) : "");
    boolean half = halves % 2 == 1;
    return FULL.repeat(full) + (half ? HALF : "") + REST.repeat(width - full - (half ? 1 : 0));
  }

  /** Colours the bar in a line. */
  String paint(String line) {
    if (!color || !unicode) return line;
    return line
        .replaceAll("[" + FULL + HALF + "]+", "\u001b[36m$0\u001b[0m")
        .replaceAll(REST + "+", "\u001b[2m$0\u001b[0m");
  }
}
