package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.FreezeException;
import io.github.einkorn.Graph;
import io.github.einkorn.InScope;
import io.github.einkorn.Op;
import io.github.einkorn.OutOfNativeMemoryException;
import io.github.einkorn.Replay;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a forward pass must not do to be frozen, and operations of one's own. */
@ExtendWith(InScope.class)
class FreezeTest {
  private static final class Custom extends Layer {
    private final UnaryOperator<Tensor> f;

    Custom(UnaryOperator<Tensor> f) {
      this.f = f;
    }

    @Override
    public Tensor forward(Tensor x) {
      return f.apply(x);
    }
  }

  private static void assertRefused(UnaryOperator<Tensor> f, String... words) {
    var model = new Sequential(new Linear(4, 4)).add("bad", new Custom(f));
    assertThatThrownBy(() -> model.freeze(4)).isInstanceOf(FreezeException.class)
        .hasMessageStartingWith("bad (Custom): ").hasMessageContainingAll(words);
    assertThat(Tensors.trace()).isNull();
    assertThat(model.isTraining()).isTrue();
    assertThat(model.predict(Tensor.ones(4)).rank()).isLessThan(3);
  }

  @Test
  void whatDoesNotFitInMemoryIsATypedError() {
    assertThatThrownBy(() -> new ReLU().freeze(Integer.MAX_VALUE, 64)).isInstanceOf(OutOfNativeMemoryException.class);
    assertThatThrownBy(() -> new ReLU().freeze(1 << 20, 1 << 20)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("[3, 1048576, 1048576]");
  }

  @Test
  void valuesMustNotBeRead() {
    assertRefused(x -> x.sum().item() > 0 ? x : x.neg(), "item cannot be frozen", "reads numbers", "predict");
    assertRefused(x -> Tensor.of(x.toFloats(), x.shape().dims()), "toFloats cannot be frozen");
    assertRefused(x -> x.mul(x.argmax(1).toLongs()[0]), "toLongs cannot be frozen");
    assertRefused(x -> x.mul(x.gt(0).toBytes()[0]), "toBytes cannot be frozen");
  }

  @Test
  void whatDependsOnTheInputMustNotChangeInPlace() {
    assertRefused(x -> x.add(1).addInPlace(2), "addInPlace cannot be frozen", "returns a new one");
    assertRefused(x -> Tensor.zeros(x.shape().dims()).copyInPlace(x), "copyInPlace");
    assertRefused(x -> x.copy().fillInPlace(0), "fillInPlace");
  }

  @Test
  void argumentsMustNotDependOnTheBatch() {
    assertRefused(x -> x.sum(0).div(x.dim(0)), "DivScalar cannot be frozen", "size of the batch");
    assertRefused(x -> x.narrow(0, 0, x.dim(0)), "Narrow cannot be frozen");
    assertRefused(x -> x.dim(0) == 1 ? x.neg() : x.square(), "batch", "Neg instead of Square");
    assertRefused(x -> x.dim(0) == 3 ? x : x.relu(), "Relu instead of missing");
    Layer two = new Custom(x -> {
      Tensor a = x.neg(), b = x.square();
      return x.dim(0) == 2 ? a : b;
    });
    assertThatThrownBy(() -> two.freeze(4)).isInstanceOf(FreezeException.class).hasMessageContaining("another result");
    assertRefused(x -> x.add(Tensor.arange(0, x.dim(0), 1).unsqueeze(1)), "Add cannot be frozen");
  }

  /** Rows have no statistics if there is one alone; images have. */
  @Test
  void statisticsOfTheBatchNeedMoreThanOneValue() {
    var model = new Sequential(new Linear(4, 3), new BatchNorm1d(3).trackRunningStats(false));
    assertThatThrownBy(() -> model.freeze(4)).isInstanceOf(FreezeException.class)
        .hasMessageContainingAll("cannot be frozen", "a batch of 3 samples but none of 1", "1 (BatchNorm1d): ",
            "more than 1 value per channel");
    assertThatThrownBy(() -> model.freeze(5)).isInstanceOf(ShapeException.class);
  }

  @Test
  void nothingMustBeRandom() {
    assertRefused(x -> x.add(Tensor.randn(x.shape().dims())), "Add cannot be frozen");
    assertRefused(x -> x.add(Tensor.randn(4)), "Add cannot be frozen", "random numbers");
    assertRefused(x -> Functional.dropout(x, 0.5, true), "Dropout cannot be frozen");
  }

  @Test
  void theOutputMustDependOnTheInput() {
    Layer random = new Custom(x -> Tensor.randn(4));
    assertThatThrownBy(() -> random.freeze(4)).isInstanceOf(FreezeException.class)
        .hasMessageContaining("output that was not computed from the input");
    try (var frozen = new Custom(x -> Tensor.full(2, 3)).freeze(4)) {
      assertThat(frozen.predict(Tensor.ones(5, 4)).toFloats()).containsExactly(2, 2, 2);
    }
    try (var frozen = new Custom(x -> Tensor.full(2, x.dim(0), 3)).freeze(4)) {
      assertThat(frozen.predict(Tensor.ones(1, 4)).toFloats()).containsExactly(2, 2, 2);
    }
  }

  /** Put together from operations that can be frozen. */
  private record Cube(Tensor x) implements Op {
    static Tensor apply(Tensor x) {
      return Graph.record(new Cube(x), x.detach().square().mul(x.detach()), x);
    }

    @Override
    public Tensor[] backward(Tensor gy) {
      return new Tensor[] {x.square().mul(3).mul(gy)};
    }
  }

  /** Computed in Java, as native code of one's own would. */
  private record Floor() implements Op {
    static Tensor apply(Tensor x, Replay again) {
      Tensor values = x.viewAs(x.shape());
      float[] y = values.toFloats();
      for (int i = 0; i < y.length; i++) y[i] = (float) Math.floor(y[i]);
      return Graph.record(new Floor(), Tensor.of(y, x.shape().dims()), again, x);
    }

    @Override
    public Tensor[] backward(Tensor gy) {
      return new Tensor[] {gy.mul(0)};
    }
  }

  @Test
  void operationsOfOnesOwn() {
    Tensor x = Tensor.of(new float[] {1.5f, -2.5f}, 2, 1);
    try (var cube = new Custom(Cube::apply).freeze(1)) {
      assertThat(cube.predict(x).toFloats()).containsExactly(3.375f, -15.625f);
    }
    Replay again = in -> Floor.apply(in[0], null);
    try (var floor = new Custom(t -> Floor.apply(t, again).add(1)).freeze(1)) {
      assertThat(floor.predict(x).toFloats()).containsExactly(2, -2);
    }
    assertRefused(t -> Floor.apply(t, null), "Floor cannot be frozen", "Replay");
  }

  @Test
  void aPredictorCanBePartOfAModel() {
    try (var inner = new Linear(4, 3).freeze(4); var outer = new Custom(x -> inner.predict(x).relu()).freeze(4)) {
      Tensor x = Tensor.randn(6, 4);
      assertThat(outer.predict(x).toFloats()).isEqualTo(inner.predict(x).relu().toFloats());
    }
  }
}
