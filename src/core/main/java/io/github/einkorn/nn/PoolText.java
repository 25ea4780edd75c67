package io.github.einkorn.nn;

import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How PyTorch prints a window, except of convolutions: defaults spelled out, one number where both directions agree. */
final class PoolText {
  private PoolText() {}

  static String of(Window window, String... options) {
    String all = window.toString().replaceAll("\\((\\d+), \\1\\)", "$1");
    var text = new StringJoiner(", ");
    for (String option : options) {
      Matcher m = Pattern.compile(option + "=(\\([^)]*\\)|\\w+)").matcher(all);
      text.add(option + "=" + (m.find() ? m.group(1) : unset(option)));
    }
    return text.toString();
  }

  private static String unset(String option) {
    return switch (option) {
      case "padding" -> "0";
      case "dilation" -> "1";
      default -> "False";
    };
  }
}
