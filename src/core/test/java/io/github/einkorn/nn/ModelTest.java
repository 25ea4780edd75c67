package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class ModelTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(4);
  }

  /** Two images, one tower for both, a sum of products beside it. */
  private static Model towers() {
    var left = Input.of(1, 8, 8).named("left");
    var right = Input.of(1, 8, 8).named("right");
    var tower = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten());
    var both = Node.cat(1, left.then("tower", tower), right.then(tower));
    var digit = both.then("digit", new Linear(144, 10));
    var same = left.mul(right).flatten().then(new Linear(64, 1)).map("same", Tensor::sigmoid);
    return Model.of(List.of(left, right), List.of(digit, same));
  }

  @Test
  void shapesAreKnownWhileItIsPutTogether() {
    var x = Input.of(3, 9, 8);
    assertThat(x.shape().dims()).containsExactly(3, 9, 8);
    assertThat(x.then(new Conv2d(3, 5, 3)).shape().dims()).containsExactly(5, 7, 6);
    assertThat(x.then(new MaxPool2d(2)).flatten()).hasToString("flatten (N, 48)");
    assertThat(x.reshape(24, 9).shape().dims()).containsExactly(24, 9);
    assertThat(Node.cat(1, x, x, x).shape().dims()).containsExactly(9, 9, 8);
    assertThat(x.map("rows", t -> t.sum(2)).shape().dims()).containsExactly(3, 8);
    assertThat(x.flatten().map("first", t -> t.select(1, 0)).shape().rank()).isZero();
    assertThat(x.map("where", t -> t.argmax(1)).dtype()).isEqualTo(DType.INT64);
  }

  @Test
  void namesAreThoseOfTheStateDict() {
    var model = towers();
    assertThat(model.stateDict().keySet()).containsExactly("tower.0.weight", "tower.0.bias", "digit.weight",
        "digit.bias", "linear.weight", "linear.bias");
    assertThat(model.inputNames()).containsExactly("left", "right");
    assertThat(model.outputNames()).containsExactly("digit", "same");
    var x = Input.of(4);
    var y = x.then(new Linear(4, 4)).then("linear", new Linear(4, 4)).then(new Linear(4, 4));
    assertThat(Model.of(x, y).children().keySet()).containsExactly("linear_1", "linear", "linear_2");
    assertThat(Model.of(x, y).inputNames()).containsExactly("input");
  }

  @Test
  void aSharedLayerCountsOnce() {
    // convolution 2 (9 + 1), 144 · 10 + 10, 64 + 1
    assertThat(towers().parameterCount()).isEqualTo(20 + 1450 + 65);
    assertThat(towers().parameters()).hasSize(6);
  }

  @Test
  void computesWhatItsPartsDo() {
    var model = towers();
    Tensor a = Tensor.randn(3, 1, 8, 8), b = Tensor.randn(3, 1, 8, 8);
    List<Tensor> ys = model.forward(List.of(a, b));
    Layer tower = model.children().get("tower"), digit = model.children().get("digit");
    Tensor expected = digit.forward(Tensor.cat(1, tower.forward(a), tower.forward(b)));
    assertThat(ys.get(0).toFloats()).isEqualTo(expected.toFloats());
    Tensor same = model.children().get("linear").forward(a.mul(b).flatten(1)).sigmoid();
    assertThat(ys.get(1).toFloats()).isEqualTo(same.toFloats());
    List<Tensor> predicted = model.predict(List.of(a, b));
    assertThat(predicted.get(0).toFloats()).isEqualTo(ys.get(0).toFloats());
    assertThat(predicted.get(1).requiresGrad()).isFalse();
  }

  @Test
  void everyOperation() {
    var a = Input.of(2);
    var b = Input.of(2);
    var model = Model.of(List.of(a, b), List.of(a.add(b), a.sub(b), a.mul(b), a.div(b), a.maximum(b), a.minimum(b),
        a.sub(b).relu(), a.reshape(1, 2), Node.cat(1, a, b), Node.map("far", x -> x.get(0).sub(x.get(1)).abs(), a, b)));
    List<Tensor> ys = model.forward(List.of(Tensor.of(new float[] {1, 6}, 1, 2), Tensor.of(new float[] {4, 2}, 1, 2)));
    float[][] expected = {{5, 8}, {-3, 4}, {4, 12}, {0.25f, 3}, {4, 6}, {1, 2}, {0, 4}, {1, 6}, {1, 6, 4, 2}, {3, 4}};
    for (int i = 0; i < expected.length; i++) {
      assertThat(ys.get(i).toFloats()).as(model.outputNames().get(i)).containsExactly(expected[i]);
    }
    assertThat(ys.get(7).shape().dims()).containsExactly(1, 1, 2);
  }

  /** loss = Σ c (a wᵀ + v) + Σ d (b wᵀ + v), so that its gradient is cᵀ a + dᵀ b for w and Σ c + d for v. */
  @Test
  void gradientOfASharedLayerIsTheSumOverItsCalls() {
    int n = 5, in = 4, out = 3;
    var shared = new Linear(in, out);
    Node x = Input.of(in), y = Input.of(in);
    var model = Model.of(List.of(x, y), List.of(x.then(shared), y.then(shared)));
    Tensor a = Tensor.randn(n, in), b = Tensor.randn(n, in), c = Tensor.randn(n, out), d = Tensor.randn(n, out);
    List<Tensor> ys = model.forward(List.of(a, b));
    ys.get(0).mul(c).sum().add(ys.get(1).mul(d).sum()).backward();
    for (int o = 0; o < out; o++) {
      double bias = 0;
      for (int k = 0; k < n; k++) bias += c.toFloats()[k * out + o] + (double) d.toFloats()[k * out + o];
      assertThat((double) shared.bias().grad().toFloats()[o]).isCloseTo(bias, within(1e-5));
      for (int i = 0; i < in; i++) {
        double w = 0;
        for (int k = 0; k < n; k++) {
          w += c.toFloats()[k * out + o] * (double) a.toFloats()[k * in + i]
              + d.toFloats()[k * out + o] * (double) b.toFloats()[k * in + i];
        }
        assertThat((double) shared.weight().grad().toFloats()[o * in + i]).isCloseTo(w, within(1e-5));
      }
    }
  }

  @Test
  void withOneInputAndOutputItIsALayer() {
    var x = Input.of(1, 6, 6);
    var inner = Model.of(x, x.then("conv", new Conv2d(1, 3, Window.same(3))).add(x).relu());
    var net = new Sequential(inner, new Flatten(), new Linear(108, 2));
    assertThat(net.stateDict()).containsKey("0.conv.weight");
    assertThat(net.forward(Tensor.randn(4, 1, 6, 6)).shape().dims()).containsExactly(4, 2);
    assertThat(net.predict(Tensor.randn(1, 6, 6)).shape().dims()).containsExactly(2);
    var y = Input.of(1, 6, 6);
    var outer = Model.of(y, y.then("inner", inner).flatten());
    assertThat(outer.stateDict()).containsKey("inner.conv.weight");
  }

  @Test
  void modelsWithSeveralOutputsNest() {
    var inner = towers();
    Node a = Input.of(1, 8, 8), b = Input.of(1, 8, 8);
    List<Node> ys = inner.call(List.of(a, b));
    assertThat(ys).hasToString("[model[0] (N, 10), model[1] (N, 1)]");
    var outer = Model.of(List.of(a, b), List.of(ys.get(0).mul(ys.get(1))));
    Tensor x = Tensor.randn(2, 1, 8, 8), y = Tensor.randn(2, 1, 8, 8);
    List<Tensor> parts = inner.forward(List.of(x, y));
    assertThat(outer.forward(List.of(x, y)).get(0).toFloats()).isEqualTo(parts.get(0).mul(parts.get(1)).toFloats());
    assertThat(outer.stateDict().keySet()).contains("model.tower.0.weight").hasSize(6);
    assertThatThrownBy(() -> inner.call(a, b)).hasMessageContaining("Model has 2 outputs", "List of nodes");
  }

  /** A layer of one's own that says how it takes a list is asked that way, whatever there is of inputs and outputs. */
  @Test
  void runsALayerAsItWasTriedOut() {
    var halves = new Layer() {
      @Override
      public Tensor forward(Tensor x) {
        throw new IllegalStateException("not for a single tensor");
      }

      @Override
      public List<Tensor> forward(List<Tensor> xs) {
        return xs.stream().map(x -> x.mul(0.5)).toList();
      }
    };
    Node a = Input.of(2), b = Input.of(2);
    Tensor x = Tensor.of(new float[] {2, 6}, 1, 2);
    assertThat(Model.of(a, halves.call(a)).forward(x).toFloats()).containsExactly(1, 3);
    var both = Model.of(List.of(a, b), halves.call(List.of(a, b)));
    int[] seen = {0};
    halves.onForward((layer, y) -> seen[0]++);
    assertThat(both.forward(List.of(x, x.neg())).get(1).toFloats()).containsExactly(-1, -3);
    assertThat(seen[0]).isEqualTo(2);
  }

  @Test
  void aLayerCanBePartOfSeveralModels() {
    var x = Input.of(4);
    var features = x.then("first", new Linear(4, 3)).relu();
    var whole = Model.of(x, features.then("last", new Linear(3, 2)));
    var part = Model.of(x, features);
    assertThat(part.parameters()).isSubsetOf(whole.parameters());
    assertThat(part.stateDict().keySet()).containsExactly("first.weight", "first.bias");
    whole.children().get("first").parameters().get(1).fillInPlace(7);
    assertThat(part.forward(Tensor.zeros(1, 4)).toFloats()).containsExactly(7, 7, 7);
    var body = new Sequential(new Linear(4, 3), new ReLU());
    var y = Input.of(4);
    assertThat(Model.of(y, y.then("mine", body.get(0))).stateDict()).containsKey("mine.weight");
  }

  @Test
  void otherTypesThanFloats() {
    var words = Input.of(DType.INT64, 6).named("words");
    var model = Model.of(words, words.map("vectors", t -> Tensor.oneHot(t, 5)).flatten().then(new Linear(30, 2)));
    assertThat(model.forward(Tensor.of(new long[12], 2, 6)).shape().dims()).containsExactly(2, 2);
    assertThatThrownBy(() -> words.then(new Linear(6, 2))).isInstanceOf(DTypeException.class)
        .hasMessageStartingWith("Linear on words (N, 6), N = 2: ").hasMessageContaining("int64");
  }

  @Test
  void freezes() {
    var x = Input.of(2, 10, 10);
    var conv = new Conv2d(2, 2, Window.same(3));
    var h = x.then(conv).then(new BatchNorm2d(2)).relu().then(conv).add(x).relu();
    var model = Model.of(x, Node.cat(1, h, x.map("far", Tensor::abs)).flatten().then(new Linear(400, 3)));
    for (int i = 0; i < 3; i++) model.forward(Tensor.randn(8, 2, 10, 10));
    Tensor batch = Tensor.randn(5, 2, 10, 10);
    try (Predictor frozen = model.freeze()) {
      float[] expected = model.predict(batch).toFloats(), got = frozen.predict(batch).toFloats();
      for (int i = 0; i < got.length; i++) assertThat(got[i]).isCloseTo(expected[i], within(1e-5f));
      assertThat(frozen.explain()).contains("conv2d (Conv2d) + batchnorm2d (BatchNorm2d)", "far (Function)");
    }
    assertThatThrownBy(() -> towers().freeze(1, 8, 8)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[left, right]").hasMessageContaining("[digit, same]");
  }

  @Test
  void whatIsForOneInputNamesWhatIsForSeveral() {
    var model = towers();
    Tensor x = Tensor.ones(2, 1, 8, 8);
    for (var call : Map.<String, Runnable>of("forward(List)", () -> model.forward(x), "predict(List)",
        () -> model.predict(x), "freeze()", () -> model.freeze(1, 8, 8), "summary()", () -> model.summary(1, 8, 8))
        .entrySet()) {
      assertThatThrownBy(call.getValue()::run).isInstanceOf(IllegalArgumentException.class).hasMessage(
          "Model has the inputs [left, right] and the outputs [digit, same]: use " + call.getKey());
    }
  }

  @Test
  void whatDoesNotFitIsSaidWhereItIsWritten() {
    var left = Input.of(8, 14, 14).named("left");
    var right = Input.of(8, 7, 7).named("right");
    assertThatThrownBy(() -> left.add(right)).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("Add on left (N, 8, 14, 14) and right (N, 8, 7, 7), N = 2: ")
        .hasMessageContaining("cannot be broadcast");
    assertThatThrownBy(() -> Node.cat(1, left, right)).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("Cat on left (N, 8, 14, 14) and right (N, 8, 7, 7), N = 2: ");
    assertThatThrownBy(() -> left.flatten().then("head", new Linear(100, 10))).isInstanceOf(ShapeException.class)
        .hasMessage("head (Linear) on flatten (N, 1568), N = 2: "
            + "Linear: mat1 and mat2 shapes cannot be multiplied (2x1568 and 100x10)");
    assertThatThrownBy(() -> left.then("tower", new Sequential(new Flatten(), new Linear(3, 1))))
        .hasMessageStartingWith("tower (Sequential) on left (N, 8, 14, 14), N = 2: 1 (Linear): mat1");
    assertThatThrownBy(() -> left.map("sum", Tensor::sum)).isInstanceOf(ShapeException.class)
        .hasMessageStartingWith("sum (Function) on left (N, 8, 14, 14), N = 2: ").hasMessageContaining("got ()");
    assertThatThrownBy(() -> left.reshape(5)).hasMessageStartingWith("Reshape on left (N, 8, 14, 14), N = 2: reshape");
    assertThatThrownBy(() -> new ReLU().call(left, right)).hasMessageContaining("takes one input, got 2");
    assertThatThrownBy(() -> left.named("a.b")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatCannotBeAModel() {
    Node a = Input.of(2).named("a"), b = Input.of(2).named("b");
    var sum = a.add(b);
    assertThatThrownBy(() -> Model.of(a, sum)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Model: the outputs depend on b (N, 2), which is not among the inputs [a (N, 2)]");
    assertThatThrownBy(() -> Model.of(sum, sum.relu())).hasMessageContaining("add (N, 2) is not an input");
    assertThatThrownBy(() -> Model.of(List.of(a, a), List.of(sum))).hasMessageContaining("input is there twice");
    assertThatThrownBy(() -> Model.of(List.of(a, b), List.of(sum, sum))).hasMessageContaining("output is there twice");
    assertThatThrownBy(() -> Model.of(List.of(), List.of(sum))).hasMessageContaining("at least one input");
    for (var bad : Map.<String, Runnable>of(
        "Cat: nodes[1]", () -> Node.cat(1, a, null),
        "Cat: nodes", () -> Node.cat(1, (Node[]) null),
        "Add: nodes[1]", () -> a.add(null),
        "nodes[1]", () -> Node.map("f", xs -> xs.get(0), a, null),
        "xs[0]", () -> new ReLU().call((Node) null),
        "ReLU: nodes[0]", () -> new ReLU().call(Collections.singletonList(null)),
        "inputs[0]", () -> Model.of((Node) null, sum),
        "outputs[1]", () -> Model.of(List.of(a, b), Arrays.asList(sum, null))).entrySet()) {
      assertThatThrownBy(bad.getValue()::run).isInstanceOf(NullPointerException.class).hasMessage(bad.getKey());
    }
    assertThatThrownBy(() -> a.map("f", x -> null)).isInstanceOf(IllegalStateException.class)
        .hasMessage("f (Function): the function returned null");
    var nothing = new Layer() {
      @Override
      public Tensor forward(Tensor x) {
        return null;
      }
    };
    assertThatThrownBy(() -> a.then(nothing)).isInstanceOf(IllegalStateException.class)
        .hasMessage("Layer: forward returned null");
    var twice = a.then("x", new Linear(2, 2)).then("x", new Linear(2, 2));
    assertThatThrownBy(() -> Model.of(a, twice)).hasMessage("Model: two nodes are named 'x'");
  }

  @Test
  void whatItCannotBeGiven() {
    var model = towers();
    Tensor x = Tensor.zeros(3, 1, 8, 8);
    assertThatThrownBy(() -> model.forward(List.of(x))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Model takes the inputs [left, right], got 1 tensor");
    assertThatThrownBy(() -> model.forward(x)).hasMessageContaining("[left, right]").hasMessageContaining("List");
    assertThatThrownBy(() -> model.forward(List.of(x, Tensor.zeros(3, 1, 8, 9)))).isInstanceOf(ShapeException.class)
        .hasMessage("Model: input 'right': expected (N, 1, 8, 8), got (3, 1, 8, 9)");
    assertThatThrownBy(() -> model.forward(List.of(x, Tensor.zeros(2, 1, 8, 8)))).isInstanceOf(ShapeException.class)
        .hasMessage("Model: input 'right' has a batch of 2, and 'left' one of 3");
    assertThatThrownBy(() -> model.forward((Tensor) null)).isInstanceOf(IllegalArgumentException.class);
    var a = Input.of(2);
    assertThatThrownBy(() -> Model.of(a, a.relu()).forward((Tensor) null)).isInstanceOf(NullPointerException.class)
        .hasMessage("x");
    var odd = Model.of(a, a.map("odd", t -> t.dim(0) > 2 ? t.reshape(7) : t));
    assertThatThrownBy(() -> odd.forward(Tensor.zeros(3, 2))).hasMessageStartingWith("odd (Function): reshape");
  }

  @Test
  void theSummaryShowsConnections() {
    assertThat(towers().summary()).isEqualTo("""
        Model: Model
        _______________________________________________________________
        Layer (type)          Output shape    Param #    Connected to
        ===============================================================
        left (Input)          (N, 1, 8, 8)          0
        right (Input)         (N, 1, 8, 8)          0
        tower (Sequential)    (N, 72)              20    left, right
        cat (Cat)             (N, 144)              0    tower, tower#2
        digit (Linear)        (N, 10)           1,450    cat
        mul (Mul)             (N, 1, 8, 8)          0    left, right
        flatten (Flatten)     (N, 64)               0    mul
        linear (Linear)       (N, 1)               65    flatten
        same (Function)       (N, 1)                0    linear
        ===============================================================
        Total params: 1,535 (6.00 KB)
        Trainable params: 1,535 (6.00 KB)
        Non-trainable params: 0 (0.00 B)
        _______________________________________________________________""");
  }
}
