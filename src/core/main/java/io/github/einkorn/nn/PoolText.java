package io.github.einkorn.nn;

import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How PyTorch prints windows, not of convolutions: defaults spelled out, one number where both directions agree. */
final class PoolText {
  private PoolText() {}

  static String of(Window window, String... options) {
    return of(window.toString().replaceAll("\\((\\d+), \\1\\)", "$1"), "0", options);
  }

  /** Of a window's text, with what stands for no padding. */
  static String of(String all, String noPadding, String... options) {
    var text = new StringJoiner(", ");
    for (String option : options) {
      Matcher m = Pattern.compile(option + "=(\\([^)]*\\)|\\w+)").matcher(all);
      text.add(option + "=" + (m.find() ? m.group(1) : unset(option, noPadding)));
    }
    return text.toString();
  }

  private static String unset(String option, String noPadding) {
    return switch (option) {
      case "padding" -> noPadding;
      case "dilation" -> "1";
      default -> "False";
    };
  }
}
