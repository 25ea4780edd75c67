package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link Activations}, and hooks where layers are computed together. */
class LayerOutputsTest {
  private static Sequential model() {
    return new Sequential().add("block", new Sequential(new Conv2d(1, 4, Window.same(3)), new ReLU(), new MaxPool2d(2)))
        .add("norm", new BatchNorm2d(4)).add("act", new ReLU()).add("flat", new Flatten())
        .add("drop", new Dropout(0.5)).add("fc", new Linear(4 * 16, 3));
  }

  @Test
  void showsWhatEachLayerGives() {
    var model = model();
    ((BatchNorm2d) model.get(1)).bias().fillInPlace(-0.2);
    try (var scope = new Scope()) {
      Tensor x = Tensor.randn(5, 1, 8, 8);
      Map<String, Tensor> a = Activations.of(model, x);
      assertThat(a.keySet()).containsExactly("block.0", "block.1", "block.2", "block", "norm", "act", "flat", "drop",
          "fc", "");
      Tensor h = x; // layer by layer, where nothing is computed together
      var block = (Sequential) model.get(0);
      for (int i = 0; i < 3; i++) {
        h = block.get(i).predict(h);
        assertThat(a.get("block." + i).toFloats()).containsExactly(h.toFloats(), within(1e-5f));
      }
      assertThat(a.get("block.0").min().item()).as("before its ReLU").isNegative();
      assertThat(a.get("norm").min().item()).isNegative();
      assertThat(a.get("act").min().item()).isZero();
      assertThat(a.get("fc").toFloats()).containsExactly(model.predict(x).toFloats(), within(1e-5f));
      assertThat(a.get("").toFloats()).isEqualTo(a.get("fc").toFloats());
      assertThat(a.values()).noneMatch(Tensor::requiresGrad);
      assertThat(model.layers()).allMatch(Layer::isTraining).noneMatch(Layer::isHooked);
      assertThat(((BatchNorm2d) model.get(1)).runningMean().toFloats()).as("evaluation").containsOnly(0);
    }
  }

  @Test
  void belongToTheScopeAround() {
    Map<String, Tensor> a;
    try (var scope = new Scope()) {
      a = Activations.of(new Sequential(new Tanh(), new Identity()), Tensor.ones(2));
      assertThat(a.get("1").toFloats()).isEqualTo(a.get("0").toFloats());
    }
    assertThat(a.values()).allMatch(Tensor::isClosed);
  }

  private static final class Twice extends Layer {
    final Linear shared = child("shared", new Linear(2, 2));

    @Override
    public Tensor forward(Tensor x) {
      try (var inner = new Scope()) {
        return shared.forward(shared.forward(x)).keep();
      }
    }
  }

  @Test
  void aLayerThatRunsTwiceShowsTheLast() {
    var model = new Sequential().add("twice", new Twice());
    try (var scope = new Scope()) {
      Tensor x = Tensor.ones(1, 2);
      var a = Activations.of(model.get(0), x);
      assertThat(a.keySet()).containsExactly("shared", "");
      assertThat(a.get("shared").toFloats()).isEqualTo(model.predict(x).toFloats());
    }
  }

  @Test
  void hooksAreRemovedWhenTheModelFails() {
    var model = model();
    assertThatThrownBy(() -> Activations.of(model, Tensor.ones(1, 2, 8, 8))).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("block.0 (Conv2d): ");
    assertThat(model.layers()).allMatch(Layer::isTraining).noneMatch(Layer::isHooked);
  }

  @Test
  void aHookSeesTheLayerInsideAPair() {
    var model = model();
    List<Float> least = new ArrayList<>();
    Layer conv = ((Sequential) model.get(0)).get(0);
    try (var scope = new Scope()) {
      Runnable remove = conv.onForward((l, y) -> least.add(y.min().item()));
      model.forward(Tensor.randn(5, 1, 8, 8));
      remove.run();
      model.forward(Tensor.randn(5, 1, 8, 8));
    }
    assertThat(least).hasSize(1).allMatch(v -> v < 0);
  }
}
