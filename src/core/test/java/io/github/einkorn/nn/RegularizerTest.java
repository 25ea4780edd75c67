package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegularizerTest {
  private static Linear layer(float... weights) {
    var layer = new Linear(weights.length, 1);
    layer.weight().copyInPlace(Tensor.of(weights, 1, weights.length));
    layer.bias().fillInPlace(5);
    return layer;
  }

  @Test
  void penaltiesAreThoseOfKeras() {
    Tensor w = Tensor.of(1f, -2f, 3f, 0f).requiresGrad(true);
    assertThat(new L1(0.1).penalty(w).item()).isCloseTo(0.6f, within(1e-6f));
    assertThat(new L2(0.1).penalty(w).item()).isCloseTo(1.4f, within(1e-6f));
    Tensor both = new L1L2(0.1, 0.01).penalty(w);
    assertThat(both.item()).isCloseTo(0.74f, within(1e-6f));
    both.backward();
    assertThat(w.grad().toFloats()).containsExactly(new float[] {0.12f, -0.14f, 0.16f, 0}, within(1e-6f));
  }

  @Test
  void aModelAddsThoseOfItsLayers() {
    Linear a = layer(1, 2), b = layer(3), free = layer(100);
    a.regularizer(new L2(1));
    b.regularizer(new L1(1)).regularizer("bias", w -> w.sum().mul(2));
    var model = new Sequential(a, new Sequential(b, new ReLU()), free);
    assertThat(Regularizer.penalty(model).item()).isEqualTo(1 + 4 + 3 + 10);
    Tensor loss = Tensor.full(1);
    assertThat(Regularizer.penalized(loss, model).item()).isEqualTo(19);
    Regularizer.penalty(model).backward();
    assertThat(a.weight().grad().toFloats()).containsExactly(2, 4);
    assertThat(a.bias().grad()).isNull();
    assertThat(b.bias().grad().item()).isEqualTo(2);
    assertThat(free.weight().grad()).isNull();
    a.regularizer(new L2(0)); // in place of the first
    assertThat(Regularizer.penalty(model).item()).isEqualTo(13);
    b.bias(false);
    assertThat(Regularizer.penalty(model).item()).isEqualTo(3);
  }

  @Test
  void aLayerCountsOnceByWhateverPaths() {
    Linear shared = layer(1, 2);
    shared.regularizer(new L2(1));
    var body = new Sequential(shared, new ReLU());
    var x = Input.of(2);
    var model = Model.of(List.of(x), List.of(x.then(body), x.then(shared)));
    assertThat(Regularizer.penalty(model).item()).isEqualTo(1 + 4);
    assertThat(model.layers()).containsExactly(model, body, shared, body.get(1));
  }

  @Test
  void aModelWithoutThemIsLeftAlone() {
    Tensor loss = Tensor.full(1);
    assertThat(Regularizer.penalized(loss, layer(7))).isSameAs(loss);
    assertThat(Regularizer.penalty(layer(7)).item()).isZero();
  }

  @Test
  void whatCannotBeRegularizedIsNamed() {
    assertThatThrownBy(() -> new ReLU().regularizer(new L2(1))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ReLU: it has no weights of its own to regularize");
    assertThatThrownBy(() -> new Sequential(layer(1)).regularizer(new L2(1)))
        .hasMessageContaining("give the regularizer to the layers inside");
    assertThatThrownBy(() -> layer(1).regularizer("kernel", new L2(1))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Linear: it has no parameter 'kernel', only [weight, bias]");
    assertThatThrownBy(() -> new L1(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new L2(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new L1L2(0, Double.POSITIVE_INFINITY)).isInstanceOf(IllegalArgumentException.class);
  }
}
