package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** What comes out of each layer of a model: to draw feature maps and histograms, or to find where values vanish. */
public final class Activations {
  private Activations() {}

  /**
   * Runs a batch through a model, in evaluation mode and without gradients, and returns the outputs of its layers by
   * their names in it, such as {@code "features.0"}, in the order they came; the model's own is last, as {@code ""}.
   * They belong to the scope around. Of a layer that runs several times it is the last output; a layer of one's own
   * that is not run by one of the library is missing: see {@link Layer#onForward}.
   *
   * <p>Each output is that of the layer itself, also where two layers are otherwise computed together.
   *
   * @throws io.github.einkorn.ShapeException if the model does not take this shape
   */
  public static Map<String, Tensor> of(Layer model, Tensor x) {
    var outputs = new LinkedHashMap<String, Tensor>();
    Map<Layer, String> names = names(model, "");
    observe(model, x, (layer, y) -> {
      Tensor earlier = outputs.remove(names.get(layer));
      if (earlier != null) earlier.close();
      outputs.put(names.get(layer), y.detach().keep()); // whatever scope the model has opened
    });
    outputs.replaceAll((name, y) -> {
      try (y) {
        return y.detach();
      }
    });
    return outputs;
  }

  /** Runs a model in evaluation mode and shows what each layer gives on this thread; others may run the model too. */
  static void observe(Layer model, Tensor x, BiConsumer<Layer, Tensor> hook) {
    Thread mine = Thread.currentThread();
    List<Runnable> removals = model.layers().stream().map(l -> l.onForward((layer, y) -> {
      if (Thread.currentThread() == mine) hook.accept(layer, y);
    })).toList();
    try {
      model.evaluating(() -> model.run(x));
    } finally {
      removals.forEach(Runnable::run);
    }
  }

  private static Map<Layer, String> names(Layer layer, String path) {
    var names = new IdentityHashMap<Layer, String>();
    names.put(layer, path);
    layer.children().forEach((name, child) -> names.putAll(names(child, path.isEmpty() ? name : path + "." + name)));
    return names;
  }
}
