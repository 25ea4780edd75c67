package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Activations;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The table of a net as the third lecture draws it, read from the net itself. */
final class LayerTable {
  private LayerTable() {}

  /**
   * Prints a row for each layer that has parameters or changes the shape of the input, a batch of one; others, as
   * activations, stand behind the one they follow. The names are the lecture's, for the rows in their order. Returns
   * the shapes of what comes out of the rows.
   */
  static List<Shape> print(Layer model, Tensor x, String... names) {
    var shapes = new ArrayList<Shape>();
    var rows = new ArrayList<String>();
    try (var scope = new Scope()) {
      rows.add(row("input", x.shape(), 0, ""));
      Shape last = x.shape();
      Map<String, Tensor> outputs = Activations.of(model, x);
      for (Layer layer : model.layers()) {
        if (!layer.children().isEmpty()) continue;
        Shape shape = outputs.get(layer.path()).shape();
        if (layer instanceof Flatten || layer.parameterCount() == 0 && shape.equals(last)) {
          rows.set(rows.size() - 1, rows.get(rows.size() - 1) + ", " + layer.getClass().getSimpleName());
        } else {
          rows.add(row(names[shapes.size()], shape, layer.parameterCount(), layer.toString()));
          shapes.add(shape);
        }
        last = shape;
      }
    }
    System.out.printf("%-8s %-18s %10s  %s%n", "layer", "output", "parameters", "what");
    rows.forEach(System.out::println);
    System.out.printf("%-8s %-18s %,10d%n%n", "all", "", model.parameterCount());
    return shapes;
  }

  private static String row(String name, Shape shape, long parameters, String what) {
    return String.format("%-8s %-18s %,10d  %s", name, shape, parameters, what).stripTrailing();
  }

  /** The heights of the maps, as the lecture lists them. */
  static List<Integer> sizes(List<Shape> shapes) {
    return shapes.stream().filter(s -> s.rank() == 4).map(s -> s.dim(2)).toList();
  }
}
