package io.github.einkorn.nn;

import io.github.einkorn.DType;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The table of a model's layers. Runs a batch to see the shapes. */
final class Summary {
  private static final int BATCH = 2; // one sample has no statistics for a batch normalization without running ones

  private final Map<Layer, Shape> shapes = new IdentityHashMap<>();
  private final Set<Tensor> counted = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<String[]> rows = new ArrayList<>();
  private long trained, fixed, trainedBytes, fixedBytes;

  static String of(Layer model, DType type, int... sample) {
    var summary = new Summary();
    summary.observe(model, type, Shape.of(sample).insert(0, BATCH));
    for (Layer l : model.layers()) summary.count(l);
    return summary.table(model, "Layer (type)", "Output shape", "Param #");
  }

  /** A row for each layer and function that was called, with what leads to it. */
  static String of(Model model, Wiring wiring) {
    var summary = new Summary();
    Map<Layer, String> sources = new IdentityHashMap<>();
    for (Call c : wiring.calls) {
      if (c.layer != null) sources.merge(c.layer, sources(c, wiring), (a, b) -> a + ", " + b);
    }
    Map<Layer, String> names = new IdentityHashMap<>();
    wiring.layers.forEach((name, layer) -> names.put(layer, name));
    for (Call c : wiring.calls) {
      String from = c.layer == null ? sources(c, wiring) : sources.remove(c.layer);
      if (from == null) continue; // a later call of a layer that has its row
      String name = c.layer == null ? wiring.name(c) : names.get(c.layer);
      String shape = c.outputs().stream().map(Node::batchShape).collect(Collectors.joining(", "));
      long own = c.layer == null ? 0 : summary.addAll(c.layer);
      summary.rows.add(new String[] {name + " (" + c.type + ")", shape, number(own), from});
    }
    return summary.table(model, "Layer (type)", "Output shape", "Param #", "Connected to");
  }

  private static String sources(Call c, Wiring wiring) {
    return String.join(", ", wiring.names(c.inputs));
  }

  /** Adds a layer and all inside it to the totals. */
  private long addAll(Layer layer) {
    long before = trained + fixed;
    for (Layer l : layer.layers()) {
      add(l.ownParameters().values());
      add(l.ownBuffers().values());
    }
    return trained + fixed - before;
  }

  private void observe(Layer model, DType type, Shape batch) {
    try (var scope = new Scope()) {
      Tensor x = Tensor.zeros(batch.dims()).to(type);
      Activations.observe(model, x, (layer, y) -> shapes.put(layer, y.shape()));
    }
  }

  /** Adds a layer to the totals, and a row for it unless it only groups others. */
  private void count(Layer layer) {
    long before = trained + fixed;
    add(layer.ownParameters().values());
    add(layer.ownBuffers().values());
    long own = trained + fixed - before;
    if (own == 0 && !layer.children().isEmpty()) return;
    rows.add(new String[] {layer.label(), shapeOf(layer), number(own)});
  }

  /** Counts what holds floats, once: batch normalization also has a counter of batches, which is none. */
  private void add(Collection<Tensor> tensors) {
    for (Tensor t : tensors) {
      if (t.dtype() != DType.FLOAT32 || !counted.add(t)) continue;
      long bytes = t.size() * t.dtype().bytes();
      if (t.requiresGrad()) {
        trained += t.size();
        trainedBytes += bytes;
      } else {
        fixed += t.size();
        fixedBytes += bytes;
      }
    }
  }

  private String shapeOf(Layer layer) {
    Shape s = shapes.get(layer);
    if (s == null) return "-";
    if (s.rank() == 0 || s.dim(0) != BATCH) return s.toString();
    return s.rank() == 1 ? "(N)" : "(N" + s.toString().substring(2);
  }

  private String table(Layer model, String... head) {
    int[] width = new int[head.length];
    for (int i = 0; i < head.length; i++) {
      width[i] = head[i].length();
      for (String[] r : rows) width[i] = Math.max(width[i], r[i].length());
    }
    int line = Math.max(IntStream.of(width).sum() + 4 * (head.length - 1), 48);
    var s = new StringBuilder("Model: " + model.type() + "\n" + "_".repeat(line) + "\n");
    s.append(row(head, width)).append("=".repeat(line)).append('\n');
    for (String[] r : rows) s.append(row(r, width));
    s.append("=".repeat(line)).append('\n');
    s.append(total("Total params", trained + fixed, trainedBytes + fixedBytes));
    s.append(total("Trainable params", trained, trainedBytes));
    s.append(total("Non-trainable params", fixed, fixedBytes));
    return s.append("_".repeat(line)).toString();
  }

  /** Text to the left of its column, the numbers in the third to the right. */
  private static String row(String[] cells, int[] width) {
    var s = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      s.append(String.format(Locale.ROOT, "%" + (i == 2 ? "" : "-") + width[i] + "s    ", cells[i]));
    }
    return s.toString().stripTrailing() + "\n";
  }

  private static String total(String what, long count, long bytes) {
    return what + ": " + number(count) + " (" + size(bytes) + ")\n";
  }

  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** As Keras: 879.04 KB, with 1 KB = 1024 bytes. */
  private static String size(long bytes) {
    String[] units = {"B", "KB", "MB", "GB", "TB"};
    double v = bytes;
    int u = 0;
    for (; v >= 1024 && u < units.length - 1; u++) v /= 1024;
    return String.format(Locale.ROOT, "%.2f %s", v, units[u]);
  }
}
