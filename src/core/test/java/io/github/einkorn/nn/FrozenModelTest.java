package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.FreezeException;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Settled;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Predictors of models with several inputs and outputs. */
@ExtendWith(InScope.class)
class FrozenModelTest {
  /** Two images through one tower, words through a table; the digit of the pictures, and what all of it is about. */
  private static Model model() {
    var left = Input.of(1, 8, 8).named("left");
    var right = Input.of(1, 8, 8).named("right");
    var words = Input.of(DType.INT64, 5).named("words");
    var tower = new Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4), new ReLU(), new MaxPool2d(2), new Flatten());
    var both = Node.cat(1, left.then("tower", tower), right.then(tower).map("half", t -> t.mul(0.5)));
    var meaning = words.then(new Embedding(9, 3)).flatten();
    var digit = both.then("digit", new Linear(72, 10));
    var topic = Node.cat(1, both, meaning).then("hidden", new Linear(87, 16)).relu().then("topic", new Linear(16, 2));
    var model = Model.of(List.of(left, right, words), List.of(digit, topic));
    for (int i = 0; i < 3; i++) model.forward(batch(8));
    return model;
  }

  private static List<Tensor> batch(int n) {
    long[] words = new long[5 * n];
    for (int i = 0; i < words.length; i++) words[i] = i * 7 % 9;
    return List.of(Tensor.randn(n, 1, 8, 8), Tensor.randn(n, 1, 8, 8), Tensor.of(words, n, 5));
  }

  private static List<Tensor> evaluated(Model model, List<Tensor> xs) {
    model.eval();
    List<Tensor> ys = model.forward(xs).stream().map(Tensor::detach).toList();
    model.train();
    return ys;
  }

  private static void assertClose(List<Tensor> ys, List<Tensor> expected, float tolerance) {
    assertThat(ys).hasSameSizeAs(expected);
    for (int k = 0; k < ys.size(); k++) {
      assertThat(ys.get(k).shape()).isEqualTo(expected.get(k).shape());
      assertThat(ys.get(k).toFloats()).containsExactly(expected.get(k).toFloats(), within(tolerance));
    }
  }

  @Test
  void givesWhatTheModelGives() {
    var model = model();
    try (Predictor frozen = model.freeze()) {
      for (int n : new int[] {1, 2, 7}) {
        List<Tensor> xs = batch(n);
        assertClose(frozen.predict(xs), evaluated(model, xs), 1e-5f);
      }
      assertThat(frozen.inputNames()).containsExactly("left", "right", "words");
      assertThat(frozen.outputNames()).containsExactly("digit", "topic");
      assertThat(frozen.toString()).startsWith("Predictor of Model for left (1, 8, 8), right (1, 8, 8), words (5): ");
      assertThat(frozen.explain()).contains("tower.0 (Conv2d) + tower.1 (BatchNorm2d)", "topic (Linear)",
          "half (Function)");
    }
    assertThat(model.isTraining()).isTrue();
  }

  /** Its weights with the normalization: 4 (9 + 1) of the convolution, (72 + 1) 10, (87 + 1) 16, (16 + 1) 2, 27. */
  @Test
  void theTowerIsFoldedOnce() {
    try (Predictor frozen = model().freeze()) {
      assertThat(frozen.toString()).endsWith(": 14 steps, 2,239 weights");
    }
  }

  @Test
  void oneSampleOfEachInput() {
    var model = model();
    try (Predictor frozen = model.freeze()) {
      List<Tensor> xs = batch(1);
      List<Tensor> ys = frozen.predict(xs.stream().map(x -> x.squeeze(0)).toList());
      assertThat(ys.get(0).shape().dims()).containsExactly(10);
      assertThat(ys.get(1).shape().dims()).containsExactly(2);
      assertClose(ys.stream().map(y -> y.unsqueeze(0)).toList(), frozen.predict(xs), 0);
    }
  }

  /** Nothing of these is folded: every bit is that of the model. */
  @Test
  void outputsOfAllKinds() {
    var a = Input.of(4).named("a");
    var b = Input.of(4).named("b");
    var unread = Input.of(2).named("unread");
    var h = a.then("h", new Linear(4, 3));
    var normal = h.then("normal", new BatchNorm1d(3));
    var itself = h.then("itself", new Identity());
    var ones = a.map("ones", x -> Tensor.ones(x.dim(0), 2));
    var model = Model.of(List.of(b, unread, a), List.of(normal, h, itself, b.sub(a).relu(), a, ones));
    List<Tensor> xs = List.of(Tensor.randn(5, 4), Tensor.randn(5, 2), Tensor.randn(5, 4));
    try (Predictor frozen = model.freeze()) {
      assertClose(frozen.predict(xs), evaluated(model, xs), 0);
      assertThat(frozen.predict(xs).get(4).toFloats()).isEqualTo(xs.get(2).toFloats());
    }
  }

  @Test
  void onlyTheOutputsAreLeft() {
    var model = model();
    List<Tensor> xs = batch(2);
    try (Predictor frozen = model.freeze()) {
      frozen.predict(xs).forEach(Tensor::close); // now the weights are packed
      long used = Settled.used();
      try (var inner = new Scope()) {
        assertThat(frozen.predict(xs)).noneMatch(Tensor::requiresGrad);
        assertThat(Memory.used() - used).isBetween(4L * 2 * 12, 2 * 128L); // two blocks
      }
      assertThat(Memory.used()).isEqualTo(used);
      assertThat(xs).noneMatch(Tensor::isClosed);
      assertThat(frozen.peakBytes(3)).isGreaterThan(3 * (4 * 128 + 8 * 5)).isEqualTo(3 * frozen.peakBytes(1));
    }
  }

  @Test
  void threadsShareIt() throws Exception {
    var model = model();
    var pool = Executors.newFixedThreadPool(4);
    try (Predictor frozen = model.freeze()) {
      var calls = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 4; i++) {
        List<Tensor> xs = batch(i + 1);
        List<float[]> expected = frozen.predict(xs).stream().map(Tensor::toFloats).toList();
        calls.add(() -> {
          for (int k = 0; k < 100; k++) {
            try (var own = new Scope()) {
              List<Tensor> ys = frozen.predict(xs);
              for (int j = 0; j < 2; j++) assertThat(ys.get(j).toFloats()).isEqualTo(expected.get(j));
            }
          }
          return true;
        });
      }
      for (Future<Boolean> same : pool.invokeAll(calls)) assertThat(same.get()).isTrue();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    Predictor frozen = model().freeze();
    List<Tensor> xs = batch(2);
    Tensor a = xs.get(0), b = xs.get(1), words = xs.get(2);
    assertThatThrownBy(() -> frozen.predict(List.of(a, b))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("predict: Model was frozen with the inputs [left, right, words], got 2 tensors");
    assertThatThrownBy(() -> frozen.predict(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> frozen.predict(a)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("predict: Model was frozen with the inputs [left, right, words] and the outputs [digit, topic]: "
            + "use predict(List)");
    assertThatThrownBy(() -> frozen.predict(new float[64])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> frozen.predict(List.of(a, Tensor.ones(2, 1, 8, 9), words)))
        .isInstanceOf(ShapeException.class).hasMessage("predict: input 'right': expected (1, 8, 8) or (N, 1, 8, 8), as "
            + "the model was frozen, got (2, 1, 8, 9)");
    assertThatThrownBy(() -> frozen.predict(List.of(a, Tensor.ones(3, 1, 8, 8), words)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("predict: input 'right' is a batch of 3, and 'left' a batch of 2");
    assertThatThrownBy(() -> frozen.predict(List.of(a, b, words.select(0, 0)))).isInstanceOf(ShapeException.class)
        .hasMessage("predict: input 'words' is one sample, and 'left' a batch of 2");
    assertThatThrownBy(() -> frozen.predict(List.of(a, b, Tensor.ones(2, 5)))).isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("predict: input 'words'");
    b.close();
    assertThatThrownBy(() -> frozen.predict(xs)).isInstanceOf(ClosedTensorException.class);
    frozen.close();
    assertThatThrownBy(() -> frozen.predict(batch(1))).isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("a Predictor of Model");
  }

  @Test
  void whatCannotBeFrozenIsRefused() {
    assertRefused(x -> x.mul(x.sum().item()), "item cannot be frozen");
    assertRefused(x -> x.mul(x.dim(0)), "size of the batch");
    assertRefused(x -> Tensor.randn(x.shape().dims()), "output that was not computed from the input");
  }

  private static void assertRefused(UnaryOperator<Tensor> f, String words) {
    var a = Input.of(4);
    var b = Input.of(3);
    var model = Model.of(List.of(a, b), List.of(a.then(new Linear(4, 2)), b.map("bad", f)));
    assertThatThrownBy(model::freeze).isInstanceOf(FreezeException.class).hasMessageContaining(words);
  }
}
