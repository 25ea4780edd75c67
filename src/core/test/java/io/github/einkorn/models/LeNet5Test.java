package io.github.einkorn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.nn.Predictor;
import io.github.einkorn.nn.RBFLoss;
import io.github.einkorn.optim.Adam;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeNet5Test {
  /** Parameters by layer: what is between the first and the last dot of a name. */
  private static Map<String, Long> counts(Layer model) {
    var counts = new TreeMap<String, Long>();
    model.namedParameters().forEach((name, p) -> counts.merge(name.split("\\.")[1], p.size(), Long::sum));
    return counts;
  }

  @Test
  void theOriginalHasSixtyThousandParameters() {
    var model = LeNet5.original();
    assertThat(counts(model)).containsExactlyInAnyOrderEntriesOf(
        Map.of("c1", 156L, "s2", 12L, "c3", 1516L, "s4", 32L, "c5", 48_120L, "f6", 10_164L));
    assertThat(model.parameterCount()).isEqualTo(60_000);
    assertThat(model.summary(1, 32, 32)).contains("(N, 6, 28, 28)", "(N, 6, 14, 14)", "(N, 16, 10, 10)",
        "(N, 16, 5, 5)", "(N, 120, 1, 1)", "(N, 84)", "(N, 10)", "Trainable params: 60,000",
        "Non-trainable params: 840");
  }

  @Test
  void theModernOneHasThePublishedCount() {
    assertThat(LeNet5.modern().parameterCount()).isEqualTo(61_706);
  }

  @Test
  void smallImagesGetABorder() {
    for (LeNet5 model : new LeNet5[] {LeNet5.original(), LeNet5.modern()}) {
      try (var scope = new Scope(); Predictor frozen = model.freeze(1, 28, 28)) {
        Tensor x = Tensor.rand(3, 1, 28, 28);
        float[] y = model.predict(x).toFloats();
        assertThat(y).hasSize(30);
        assertThat(model.predict(x.pad2d(2)).toFloats()).isEqualTo(y);
        assertThat(frozen.predict(x).toFloats()).containsExactly(y, within(2e-4f));
      }
    }
  }

  @Test
  void othersAreRefused() {
    assertThatThrownBy(() -> LeNet5.modern().forward(Tensor.ones(1, 1, 30, 30))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected (N, 1, 32, 32) or (N, 1, 28, 28), got shape (1, 1, 30, 30)");
    assertThatThrownBy(() -> LeNet5.original().forward(Tensor.ones(28, 28))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> LeNet5.original().forward(Tensor.ones(1, 3, 32, 32))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("c1 (Conv2d)");
  }

  @Test
  void theyLearn() {
    Einkorn.seed(1);
    assertLearns(LeNet5.original(), new RBFLoss(10));
    assertLearns(LeNet5.modern(), new CrossEntropyLoss());
  }

  /** Ten bars at different heights. */
  private static void assertLearns(LeNet5 model, Loss loss) {
    try (var scope = new Scope()) {
      float[] pixels = new float[10 * 28 * 28];
      for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 28 * 3; k++) pixels[i * 784 + (2 * i + 2) * 28 + k] = 1;
      }
      Tensor x = Tensor.of(pixels, 10, 1, 28, 28), labels = Tensor.arange(10);
      var adam = new Adam(model.parameters(), 3e-3);
      float first = loss.forward(model.forward(x), labels).item();
      for (int step = 0; step < 40; step++) {
        try (var inner = new Scope()) {
          adam.zeroGrad();
          loss.forward(model.forward(x), labels).backward();
          adam.step();
        }
      }
      assertThat(loss.forward(model.forward(x), labels).item()).isLessThan(first / 4);
    }
  }
}
