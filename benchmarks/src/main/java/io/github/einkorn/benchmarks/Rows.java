package io.github.einkorn.benchmarks;

import io.github.einkorn.ops.OpCase;
import io.github.einkorn.ops.OpCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Choosing rows of {@link OpCases} by name. */
final class Rows {
  static final String FORWARD = "forward";
  static final String STEP = "step";

  private Rows() {}

  /**
   * The rows whose name is one of those given, or whose family is: {@code conv2d} stands for {@code conv2d: 3x3} and
   * all others of it. No names stand for all rows.
   *
   * @throws IllegalArgumentException for a name that fits no row
   */
  static List<OpCase> select(List<String> names) {
    if (names.isEmpty()) return OpCases.all();
    Set<String> unknown = new TreeSet<>(names);
    var rows = new ArrayList<OpCase>();
    for (OpCase row : OpCases.all()) {
      var fitting = names.stream().filter(n -> n.equals(row.toString()) || n.equals(family(row))).toList();
      if (!fitting.isEmpty()) rows.add(row);
      fitting.forEach(unknown::remove);
    }
    if (unknown.isEmpty()) return rows;
    throw new IllegalArgumentException("no row is called " + String.join(", ", unknown) + "; there are "
        + OpCases.all().stream().map(Rows::family).distinct().collect(Collectors.joining(", "))
        + ", and within them names as \"conv2d: 3x3\"");
  }

  private static String family(OpCase row) {
    return row.toString().replaceAll(":.*", "");
  }

  static List<String> directions(OpCase row) {
    return row.differentiable() ? List.of(FORWARD, STEP) : List.of(FORWARD);
  }

  static OpCase named(String name) {
    return OpCases.all().stream().filter(c -> c.toString().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no row is called " + name));
  }
}
