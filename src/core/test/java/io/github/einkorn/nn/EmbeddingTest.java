package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Tensor;
import io.github.einkorn.optim.SGD;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class EmbeddingTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(7);
  }

  @Test
  void startsFromNormalNumbersWithARowOfZeros() {
    var words = new Embedding(100, 50).paddingIdx(-3);
    float[] w = words.weight().toFloats();
    for (int i = 0; i < 50; i++) assertThat(w[97 * 50 + i]).isZero();
    assertThat(words.weight().square().mean().item()).isCloseTo(0.99f, within(0.1f)); // 5 deviations of √(2 / 4950)
    words.reset();
    assertThat(words.weight().toFloats()).isNotEqualTo(w);
    assertThat(words.weight().select(0, 97).toFloats()).containsOnly(0);
    assertThat(words).hasToString("Embedding(100, 50, padding_idx=97)");
    assertThat(new Embedding(5, 2)).hasToString("Embedding(5, 2)");
  }

  @Test
  void repeatedIndicesAddUpAndPaddingLearnsNothing() {
    var words = new Embedding(4, 2).paddingIdx(0);
    Tensor x = Tensor.of(new long[] {2, 0, 2, 3}, 2, 2);
    Tensor y = words.forward(x);
    assertThat(y.shape().dims()).containsExactly(2, 2, 2);
    assertThat(y.select(0, 0).select(0, 0).toFloats()).isEqualTo(words.weight().select(0, 2).toFloats());
    y.backward(Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2));
    assertThat(words.weight().grad().toFloats()).containsExactly(0, 0, 0, 0, 6, 8, 7, 8);
    new SGD(words.parameters(), 0.1).step();
    assertThat(words.weight().select(0, 0).toFloats()).containsOnly(0);
  }

  @Test
  void manyIndicesAddUpTheSameWithEveryNumberOfThreads() {
    Tensor w = Tensor.randn(50, 33).requiresGrad(true);
    long[] index = new long[20_000];
    for (int i = 0; i < index.length; i++) index[i] = i * 7919L % 50;
    int before = Einkorn.threads();
    float[][] grads = new float[2][];
    Tensor gy = Tensor.randn(20_000, 33);
    try {
      for (int threads : new int[] {1, 2}) {
        Einkorn.threads(threads);
        w.zeroGrad();
        Functional.embedding(Tensor.of(index), w).backward(gy);
        grads[threads - 1] = w.grad().toFloats();
      }
    } finally {
      Einkorn.threads(before);
    }
    assertThat(grads[1]).isEqualTo(grads[0]);
  }

  @Test
  void modelsOfIndicesAreFrozenAndSummarized() {
    var model = new Sequential(new Embedding(20, 3), new Flatten(), new Linear(12, 2));
    assertThat(model.summary(DType.INT64, 4)).contains("(N, 4, 3)", "Total params: 86 ");
    Tensor x = Tensor.of(new long[] {1, 2, 3, 19, 0, 0, 7, 7}, 2, 4);
    try (var frozen = model.freeze(DType.INT64, 4)) {
      assertThat(frozen.predict(x).toFloats()).isEqualTo(model.predict(x).toFloats());
      assertThat(frozen.predict(x.select(0, 1)).shape().dims()).containsExactly(2);
      assertThat(frozen.peakBytes(2)).isGreaterThanOrEqualTo(8 * 8 + 4 * 24);
      assertThatThrownBy(() -> frozen.predict(Tensor.ones(2, 4))).isInstanceOf(DTypeException.class);
      assertThatThrownBy(() -> frozen.predict(Tensor.of(new long[] {20, 0, 0, 0}, 1, 4)))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("index 20 at position 0");
    }
  }

  @Test
  void predictTakesSentencesAsABatchWhateverFollows() {
    var model = new Sequential(new Embedding(20, 3), new Unsqueeze(), new Conv2d(1, 5, Window.of(2, 3)));
    assertThat(model.predict(Tensor.of(new long[8], 2, 4)).shape().dims()).containsExactly(2, 5, 3, 1);
    assertThat(model.predict(Tensor.of(new long[4])).shape().dims()).containsExactly(5, 3, 1);
  }

  /** (N, L, D) to images (N, 1, L, D). */
  private static final class Unsqueeze extends Layer {
    @Override
    public Tensor forward(Tensor x) {
      return x.unsqueeze(1);
    }
  }

  @Test
  void refusesWhatIsNoIndex() {
    var words = new Embedding(10, 3);
    for (long bad : new long[] {10, -1, Long.MIN_VALUE, 1L << 32}) {
      assertThatThrownBy(() -> words.forward(Tensor.of(new long[] {1, 2, bad}, 1, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("index " + bad + " at position 2 is not in 0..9");
    }
    assertThatThrownBy(() -> words.forward(Tensor.ones(3))).isInstanceOf(DTypeException.class)
        .hasMessageContaining("Embedding: embedding: expected int64");
    assertThatThrownBy(() -> new Embedding(0, 3)).isInstanceOf(IllegalArgumentException.class);
    for (int bad : new int[] {10, -11}) {
      assertThatThrownBy(() -> new Embedding(10, 3).paddingIdx(bad)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Embedding: paddingIdx " + bad + " is not one of 10 rows");
    }
  }
}
