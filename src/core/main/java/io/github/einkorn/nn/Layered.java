package io.github.einkorn.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A layered layout of an acyclic graph (Sugiyama et al. 1981): each vertex is one row below the lowest of its sources,
 * edges over several rows get a vertex without width in each row between, rows are sorted by the mean place of the
 * neighbours, and then moved towards it.
 */
final class Layered {
  private static final int SWEEPS = 12;

  private final double gap;
  private final List<List<Vertex>> rows = new ArrayList<>();
  private final List<List<Vertex>> ways = new ArrayList<>();
  private double width;

  static final class Vertex {
    final double width;
    final List<Vertex> above = new ArrayList<>();
    final List<Vertex> below = new ArrayList<>();
    int row;
    double x; // of the middle

    private Vertex(double width) {
      this.width = width;
    }
  }

  Layered(double gap) {
    this.gap = gap;
  }

  /** Adds a vertex below others. */
  Vertex add(double width, List<Vertex> sources) {
    var v = new Vertex(width);
    int row = sources.stream().mapToInt(s -> s.row + 1).max().orElse(0);
    enter(v, row);
    for (Vertex s : sources) {
      var way = new ArrayList<>(List.of(s));
      for (int r = s.row + 1; r < row; r++) {
        var between = new Vertex(0);
        enter(between, r);
        connect(way.get(way.size() - 1), between);
        way.add(between);
      }
      connect(way.get(way.size() - 1), v);
      way.add(v);
      ways.add(way);
    }
    return v;
  }

  private void enter(Vertex v, int row) {
    v.row = row;
    if (row == rows.size()) rows.add(new ArrayList<>());
    rows.get(row).add(v);
  }

  private static void connect(Vertex from, Vertex to) {
    from.below.add(to);
    to.above.add(from);
  }

  /** Gives every vertex its place. */
  void place() {
    rows.forEach(this::pack);
    for (int i = 0; i < SWEEPS; i++) {
      sweep(i, row -> row.sort(Comparator.comparingDouble(v -> v.x)));
    }
    for (int i = 0; i < SWEEPS; i++) sweep(i, row -> {});
    double left = edge(-1);
    rows.forEach(row -> row.forEach(v -> v.x += left));
    width = edge(1);
  }

  /** How far the vertices reach to the left (side -1) or right (1) of 0. */
  private double edge(int side) {
    return rows.stream().flatMap(List::stream).mapToDouble(v -> side * v.x + v.width / 2).max().orElse(0);
  }

  /** Moves rows towards those above, downwards, or those below, upwards. */
  private void sweep(int i, Consumer<List<Vertex>> sort) {
    List<List<Vertex>> order = new ArrayList<>(rows);
    boolean down = i % 2 == 0;
    if (!down) Collections.reverse(order);
    Function<Vertex, List<Vertex>> neighbours = down ? v -> v.above : v -> v.below;
    for (List<Vertex> row : order) {
      for (Vertex v : row) v.x = neighbours.apply(v).stream().mapToDouble(n -> n.x).average().orElse(v.x);
      sort.accept(row);
      pack(row);
    }
  }

  /** Keeps the order and the distances, and stays near: halfway between the leftmost and the rightmost solution. */
  private void pack(List<Vertex> row) {
    int n = row.size();
    double[] right = new double[n], left = new double[n];
    for (int i = 0; i < n; i++) {
      double x = row.get(i).x;
      right[i] = i == 0 ? x : Math.max(x, right[i - 1] + distance(row, i));
    }
    for (int i = n - 1; i >= 0; i--) {
      double x = row.get(i).x;
      left[i] = i == n - 1 ? x : Math.min(x, left[i + 1] - distance(row, i + 1));
    }
    for (int i = 0; i < n; i++) row.get(i).x = (left[i] + right[i]) / 2;
  }

  private double distance(List<Vertex> row, int i) {
    return (row.get(i - 1).width + row.get(i).width) / 2 + gap;
  }

  /** The edges, each with the vertices on its way. */
  List<List<Vertex>> ways() {
    return ways;
  }

  int rows() {
    return rows.size();
  }

  double width() {
    return width;
  }
}
