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

/** The table of a model's layers. Runs a batch of one to see the shapes. */
final class Summary {
  private final Map<Layer, Shape> shapes = new IdentityHashMap<>();
  private final Set<Tensor> counted = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<String[]> rows = new ArrayList<>();
  private long trained, fixed, trainedBytes, fixedBytes;

  static String of(Layer model, DType type, int... sample) {
    int[] batch = new int[sample.length + 1];
    batch[0] = 1;
    System.arraycopy(sample, 0, batch, 1, sample.length);
    var summary = new Summary();
    summary.observe(model, type, Shape.of(batch));
    for (Layer l : model.layers()) summary.count(l);
    return summary.table(model);
  }

  private void observe(Layer model, DType type, Shape batch) {
    var removals = new ArrayList<Runnable>();
    for (Layer l : model.layers()) removals.add(l.onForward((layer, y) -> shapes.put(layer, y.shape())));
    try (var scope = new Scope()) {
      model.evaluating(() -> model.run(Tensor.zeros(batch.dims()).to(type)));
    } finally {
      removals.forEach(Runnable::run);
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
    if (s.rank() == 0 || s.dim(0) != 1) return s.toString();
    return s.rank() == 1 ? "(N)" : "(N" + s.toString().substring(2);
  }

  private String table(Layer model) {
    String[] head = {"Layer (type)", "Output shape", "Param #"};
    int[] width = new int[3];
    for (int i = 0; i < 3; i++) {
      width[i] = head[i].length();
      for (String[] r : rows) width[i] = Math.max(width[i], r[i].length());
    }
    String format = "%-" + (width[0] + 4) + "s%-" + (width[1] + 4) + "s%" + width[2] + "s\n";
    int line = Math.max(width[0] + width[1] + width[2] + 8, 48);
    var s = new StringBuilder("Model: " + model.type() + "\n" + "_".repeat(line) + "\n");
    s.append(String.format(Locale.ROOT, format, (Object[]) head)).append("=".repeat(line)).append('\n');
    for (String[] r : rows) s.append(String.format(Locale.ROOT, format, (Object[]) r));
    s.append("=".repeat(line)).append('\n');
    s.append(total("Total params", trained + fixed, trainedBytes + fixedBytes));
    s.append(total("Trainable params", trained, trainedBytes));
    s.append(total("Non-trainable params", fixed, fixedBytes));
    return s.append("_".repeat(line)).toString();
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
