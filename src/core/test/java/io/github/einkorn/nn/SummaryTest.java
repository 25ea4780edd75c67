package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void countsAsKeras() {
    var model = new Sequential(
        new Conv2d(1, 32, Window.of(3).pad(1)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Flatten(), new Dropout(0.3), new Linear(32 * 14 * 14, 10));
    float[] before = ((BatchNorm2d) model.get(1)).runningMean().toFloats();
    // parameters by hand: 32 (9 + 1), 4 · 32 of which 64 are learnt, 6272 · 10 + 10
    assertThat(model.summary(1, 28, 28)).isEqualTo("""
        Model: Sequential
        ________________________________________________
        Layer (type)       Output shape       Param #
        ================================================
        0 (Conv2d)         (N, 32, 28, 28)        320
        1 (BatchNorm2d)    (N, 32, 28, 28)        128
        2 (ReLU)           (N, 32, 28, 28)          0
        3 (MaxPool2d)      (N, 32, 14, 14)          0
        4 (Flatten)        (N, 6272)                0
        5 (Dropout)        (N, 6272)                0
        6 (Linear)         (N, 10)             62,730
        ================================================
        Total params: 63,178 (246.79 KB)
        Trainable params: 63,114 (246.54 KB)
        Non-trainable params: 64 (256.00 B)
        ________________________________________________""");
    assertThat(model.layers()).as("modes are restored").allMatch(Layer::isTraining);
    assertThat(((BatchNorm2d) model.get(1)).runningMean().toFloats()).isEqualTo(before);
  }

  private static final class Own extends Layer {
    final Linear a = child("a", new Linear(3, 2));
    final Linear unused = child("unused", new Linear(5, 1));
    final Tensor scale = parameter("scale", Tensor.ones(1));

    @Override
    public Tensor forward(Tensor x) {
      return a.forward(x).mul(scale);
    }
  }

  @Test
  void showsNestedLayersAndTheirOwnParameters() {
    var model = new Sequential().add("own", new Own());
    assertThat(model.summary(3).lines()).contains(
        "own (Own)              (N, 2)                1",
        "own.a (Linear)         (N, 2)                8",
        "own.unused (Linear)    -                     6",
        "Total params: 15 (60.00 B)");
  }

  @Test
  void batchNormWithoutRunningStatistics() {
    var model = new Sequential(new Linear(3, 4), new BatchNorm1d(4).trackRunningStats(false));
    assertThat(model.summary(3)).contains("1 (BatchNorm1d)    (N, 4)                8");
  }

  /** What another thread computes meanwhile, with batches of 5. */
  @Test
  void otherThreadsAreNotSeen() {
    var other = new Thread[1];
    var model = new Sequential();
    model.add("a", new Linear(3, 2)).add("other", new Layer() {
      @Override
      public Tensor forward(Tensor x) {
        if (other[0] != null) return x;
        other[0] = new Thread(() -> model.forward(Tensor.ones(5, 3)));
        other[0].start();
        try {
          other[0].join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return x;
      }
    });
    assertThat(model.summary(3)).contains("a (Linear)       (N, 2)                8").doesNotContain("(5, 2)");
  }

  @Test
  void frozenParametersAreNotTrainable() {
    var linear = new Linear(3, 2);
    linear.weight().requiresGrad(false);
    assertThat(linear.summary(3)).contains("Trainable params: 2 (8.00 B)", "Non-trainable params: 6 (24.00 B)",
        "Linear          (N, 2)");
  }

  @Test
  void namesTheLayerThatDoesNotFit() {
    var model = new Sequential(new Conv2d(1, 4, 3), new Flatten(), new Linear(10, 2));
    assertThatThrownBy(() -> model.summary(1, 28, 28)).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("2 (Linear): mat1 and mat2 shapes cannot be multiplied (2x2704 and 10x2)");
    assertThatThrownBy(() -> model.summary(1, -28, 28)).isInstanceOf(ShapeException.class);
    assertThat(model.layers()).allMatch(Layer::isTraining);
  }
}
