package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.Memory;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final Tensor SCORES = Tensor.of(new float[][] {{1, 3, 2}, {0, -1, -2}, {-5, -4, -3}, {2, 2, 1}});

  private static double of(Tensor prediction, Tensor target) {
    var accuracy = new Accuracy();
    accuracy.update(prediction, target);
    return accuracy.result();
  }

  @Test
  void classIndicesAgainstScores() {
    assertThat(of(SCORES, Tensor.of(1L, 0L, 0L, 0L))).isEqualTo(0.75); // the first of equals counts
    assertThat(of(SCORES, Tensor.of(new long[] {1, 0, 0, 1}, 4, 1))).isEqualTo(0.5);
    assertThat(of(SCORES, Tensor.of(1, 0, 2, 0f))).isEqualTo(1);
  }

  @Test
  void theSmallestScoreIfAsked() {
    var accuracy = new Accuracy().smallest();
    accuracy.update(SCORES, Tensor.of(0L, 2L, 0L, 0L));
    accuracy.update(SCORES, Tensor.of(new float[][] {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {0, 0, 1}}));
    assertThat(accuracy.result()).isEqualTo(0.75);
    accuracy.reset();
    accuracy.update(Tensor.of(0.4f, 0.6f), Tensor.of(0f, 1f));
    assertThat(accuracy.result()).as("of probabilities as ever").isEqualTo(1);
  }

  @Test
  void oneHotTargetsAgainstScores() {
    Tensor oneHot = Tensor.of(new float[][] {{0, 1, 0}, {0, 0, 1}, {0, 0, 1}, {0, 1, 0}});
    assertThat(of(SCORES, oneHot)).isEqualTo(0.5);
  }

  @Test
  void binaryProbabilitiesAreCutAtOneHalf() {
    Tensor p = Tensor.of(new float[][] {{0.4f}, {0.5f}, {0.6f}, {0.9f}}); // Keras: only what exceeds 0.5 is a 1
    assertThat(of(p, Tensor.of(new float[][] {{0}, {0}, {1}, {1}}))).isEqualTo(1);
    assertThat(of(p, Tensor.of(0L, 1L, 1L, 0L))).isEqualTo(0.5);
    assertThat(of(p.squeeze(1), Tensor.of(0, 0, 0, 1f))).isEqualTo(0.75);
    assertThat(of(p.squeeze(1), Tensor.of(new float[][] {{1}, {1}, {0}, {0}}))).isZero();
  }

  @Test
  void everyPixelCounts() {
    Tensor scores = Tensor.of(new float[] {1, 0, 0, 0, 1, 1, 0, 2}, 1, 2, 2, 2); // two classes: 0 1 / 0 0 -> 1 1 0 1
    assertThat(of(scores, Tensor.of(new long[] {1, 1, 0, 1}, 1, 2, 2))).isEqualTo(0.75);
    assertThat(of(scores.channelsLast(), Tensor.of(new long[] {0, 1, 0, 1}, 1, 2, 2))).isEqualTo(1);
    Tensor mask = Tensor.of(new float[] {0.9f, 0.1f, 0.2f, 0.7f}, 1, 1, 2, 2);
    assertThat(of(mask, Tensor.of(new float[] {1, 0, 1, 1}, 1, 1, 2, 2))).isEqualTo(0.75);
  }

  @Test
  void batchesAddUpUntilReset() {
    var accuracy = new Accuracy();
    assertThat(accuracy.result()).isNaN();
    accuracy.update(SCORES, Tensor.of(1L, 0L, 2L, 0L));
    accuracy.update(Tensor.of(new float[][] {{1, 0}}), Tensor.of(1L));
    assertThat(accuracy.result()).isEqualTo(0.8);
    accuracy.reset();
    accuracy.update(Tensor.of(new float[][] {{1, 0}}), Tensor.of(0L));
    assertThat(accuracy.result()).isEqualTo(1);
  }

  @Test
  void temporariesAreFreed() {
    var accuracy = new Accuracy();
    Tensor target = Tensor.of(1L, 0L, 2L, 0L);
    accuracy.update(SCORES, target);
    long used = Memory.used();
    for (int i = 0; i < 1000; i++) accuracy.update(SCORES, target);
    assertThat(Memory.used() - used).isLessThan(64 * 1000); // a leak would be a block of 64 bytes per update
  }

  @Test
  void otherShapesAreRefused() {
    for (Tensor t : new Tensor[] {Tensor.of(1L, 2L), Tensor.ones(4, 2), Tensor.ones(4, 3, 1), Tensor.full(1)}) {
      assertThatThrownBy(() -> of(SCORES, t)).isInstanceOf(ShapeException.class)
          .hasMessageContaining("(4, 3)").hasMessageContaining(t.shape().toString());
    }
    assertThatThrownBy(() -> of(Tensor.ones(2, 1), Tensor.ones(3))).isInstanceOf(ShapeException.class);
  }
}
