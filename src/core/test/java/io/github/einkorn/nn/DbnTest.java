package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class DbnTest {
  private Dbn dbn;

  @BeforeEach
  void make() {
    Einkorn.seed(4);
    dbn = new Dbn(6, 5, 4, 3);
    dbn.parameters().forEach(p -> p.normalInPlace(0, 1));
  }

  @Test
  void passesProbabilitiesUp() {
    Tensor v = Tensor.rand(7, 6), h = v;
    for (Rbm rbm : dbn.machines()) h = h.matmul(rbm.weight().t()).add(rbm.hiddenBias()).sigmoid();
    assertThat(dbn.forward(v).toFloats()).hasSize(21).containsExactly(h.toFloats(), within(1e-6f));
    assertThat(dbn.up(v, 0)).isSameAs(v);
    assertThat(dbn.up(v, 3).toFloats()).isEqualTo(dbn.forward(v).toFloats());
    assertThat(dbn.predict(Tensor.rand(6)).shape().dims()).containsExactly(3);
    assertThat(dbn.stateDict().keySet()).hasSize(9).startsWith("0.weight", "0.visible_bias", "0.hidden_bias");
  }

  @Test
  void becomesASequentialOfItsOwn() {
    Sequential model = dbn.toSequential();
    Tensor v = Tensor.rand(7, 6);
    float[] expected = dbn.forward(v).toFloats();
    assertThat(model.size()).isEqualTo(6);
    assertThat(model.forward(v).toFloats()).isEqualTo(expected);
    model.parameters().forEach(p -> p.fillInPlace(0));
    assertThat(dbn.forward(v).toFloats()).as("the net keeps its weights").isEqualTo(expected);
    assertThat(model.add(new Linear(3, 2)).forward(v).shape().dims()).containsExactly(7, 2);
  }

  @Test
  void samplesFollowTheTopMachineAndTheWayDown() {
    // the top machine's units are nearly always on, and say what the lowest ones are
    for (Rbm rbm : dbn.machines()) {
      rbm.weight().fillInPlace(0);
      rbm.visibleBias().fillInPlace(20);
      rbm.hiddenBias().fillInPlace(20);
    }
    Rbm low = dbn.machines().get(0);
    low.visibleBias().copyInPlace(Tensor.of(-9f, 9f, -9f, 9f, -9f, 9f));
    low.weight().fillInPlace(0.8); // five hidden units that are on add 4
    float[] p = dbn.sample(3, 2).toFloats();
    assertThat(p).hasSize(18);
    for (int k = 0; k < p.length; k++) {
      assertThat((double) p[k]).isCloseTo(1 / (1 + Math.exp(k % 2 == 0 ? 9 - 4 : -9 - 4)), within(1e-5));
    }
    assertThat(new Dbn(6, 2).sample(4, 1).shape().dims()).containsExactly(4, 6);
  }

  @Test
  void freezesAndSummarizes() {
    Tensor v = Tensor.rand(7, 6);
    try (Predictor frozen = dbn.freeze(6)) {
      assertThat(frozen.predict(v).toFloats()).containsExactly(dbn.predict(v).toFloats(), within(1e-6f));
    }
    assertThat(dbn.summary(6)).contains("0 (Rbm)", "(N, 5)", "2 (Rbm)", "(N, 3)", "Total params: 89");
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(() -> new Dbn(5)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one hidden size");
    assertThatThrownBy(() -> new Dbn(5, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> dbn.forward(Tensor.ones(2, 5))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("0 (Rbm): expected visible units (N, 6), got shape (2, 5)");
    assertThatThrownBy(() -> dbn.sample(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> dbn.up(Tensor.ones(1, 6), 4)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
