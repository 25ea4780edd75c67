package io.github.einkorn;

import java.util.List;

/** Text in columns. */
final class Table {
  private Table() {}

  /**
   * Lines of cells, two spaces between columns, which are as wide as their longest cell.
   *
   * @param sides for each column {@code <} or {@code >}: the side to which its cells are moved
   */
  static String of(String sides, List<String[]> rows) {
    int columns = sides.length();
    int[] width = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < columns; i++) width[i] = Math.max(width[i], row[i].length());
    }
    var text = new StringBuilder();
    for (String[] row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String room = " ".repeat(width[i] - row[i].length());
        line.append(i == 0 ? "" : "  ").append(sides.charAt(i) == '<' ? row[i] + room : room + row[i]);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
