package io.github.einkorn.train;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a model says in evaluation mode; everything made on the way is freed. */
final class Predictions {
  private Predictions() {}

  /** Each of the model's outputs for all samples, one below the other. */
  static List<Tensor> all(Layer model, DataLoader data) {
    var outputs = new ArrayList<List<Tensor>>();
    try (var batches = data.iterator()) {
      while (batches.hasNext()) outputs.add(kept(model, batches.next().inputs()));
      try (var off = new NoGrad()) {
        return IntStream.range(0, outputs.get(0).size())
            .mapToObj(i -> Tensor.cat(0, outputs.stream().map(b -> b.get(i)).toArray(Tensor[]::new))).toList();
      }
    } finally {
      outputs.forEach(b -> b.forEach(Tensor::close));
    }
  }

  /** The first output for a batch. */
  static Tensor of(Layer model, Tensor x) {
    List<Tensor> kept = kept(model, List.of(x));
    try {
      return kept.get(0).detach(); // belongs to the caller's scope
    } finally {
      kept.forEach(Tensor::close);
    }
  }

  private static List<Tensor> kept(Layer model, List<Tensor> inputs) {
    try (var modes = new Modes(model); var off = new NoGrad(); var scope = new Scope()) {
      model.eval();
      return model.forward(inputs).stream().map(y -> y.detach().keep()).toList();
    }
  }
}
