package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.Winograd;
import io.github.einkorn.Winograds;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a model computes together, and when it frees. */
@ExtendWith(InScope.class)
class ProgramTest {
  @BeforeEach
  void seed() {
    Einkorn.seed(4);
  }

  private static Model image(Function<Node, Node> f) {
    var x = Input.of(4, 12, 12);
    return Model.of(x, f.apply(x));
  }

  /**
   * Bytes that one forward pass holds on to for its gradient: the most of some tries, in each of which the collector
   * may free what another test has left behind.
   */
  private static long held(Layer model, Tensor x) {
    long most = Long.MIN_VALUE;
    for (int i = 0; i < 5; i++) {
      try (var s = new Scope()) {
        long before = Memory.used();
        model.forward(x);
        most = Math.max(most, Memory.used() - before);
      }
    }
    return most;
  }

  private static void assertFused(Model model) {
    Tensor x = Tensor.randn(64, 4, 12, 12);
    Tensor weights = Tensor.randn(model.predict(x).shape().dims());
    for (boolean training : new boolean[] {true, false}) {
      model.train(training);
      held(model, x); // what is kept from the first run on
      float[][] fused = run(model, x, weights);
      long less = held(model, x);
      var seen = new ArrayList<Layer>();
      Runnable[] unhook = model.layers().stream().filter(l -> l != model)
          .map(l -> l.onForward((layer, y) -> seen.add(layer))).toArray(Runnable[]::new);
      float[][] apart = run(model, x, weights);
      long more = held(model, x);
      for (Runnable r : unhook) r.run();
      assertThat(fused).isDeepEqualTo(apart);
      assertThat(seen).as("each layer ran").containsAll(model.children().values());
      assertThat(more - less).as("bytes saved").isGreaterThan(0);
    }
  }

  private static float[][] run(Model model, Tensor x, Tensor weights) {
    model.parameters().forEach(Tensor::zeroGrad);
    Tensor leaf = x.copy().requiresGrad(true);
    Tensor y = model.forward(leaf);
    y.backward(weights);
    var all = new ArrayList<>(List.of(y.toFloats(), leaf.grad().toFloats()));
    model.parameters().forEach(p -> all.add(p.grad().toFloats()));
    return all.toArray(float[][]::new);
  }

  @Test
  void rectifierIsComputedWithWhatItFollows() {
    assertFused(image(x -> x.then(new Conv2d(4, 6, 3)).relu()));
    assertFused(image(x -> x.then(new BatchNorm2d(4)).relu()));
    assertFused(image(x -> x.then(new Conv2d(4, 6, 3)).then(new ReLU6())));
    assertFused(image(x -> x.then(new BatchNorm2d(4)).then(new ReLU6())));
    assertFused(image(x -> x.then(new Conv2d(4, 4, Window.same(3))).add(x).relu()));
    assertFused(image(x -> x.then(new Conv2d(4, 6, 3)).then(new MaxPool2d(1)).then(new BatchNorm2d(6)).relu()));
  }

  @Test
  void reluComesBehindItsPooling() {
    assertFused(image(x -> x.add(x).relu().then(new MaxPool2d(2))));
    assertFused(image(x -> x.then(new Conv2d(4, 6, 3)).relu().then(new MaxPool2d(2))));
  }

  @ParameterizedTest
  @EnumSource(Winograd.class)
  void poolingIsComputedWithItsConvolution(Winograd way) {
    Winograds.under(way, () -> assertPooledAtOnce(way == Winograd.F4 ? 1e-5f : 0)); // its tiles may begin elsewhere
  }

  private static void assertPooledAtOnce(float rounding) {
    for (Function<Node, Node> f : List.<Function<Node, Node>>of(
        x -> x.then(new Conv2d(1, 6, 5)).relu().then(new MaxPool2d(2)).then(new Flatten()).then(new Linear(96, 3)),
        x -> x.then(new Conv2d(1, 6, 3)).then(new MaxPool2d(2)).relu().then(new Conv2d(6, 4, 3)),
        x -> x.then(new Conv2d(1, 6, Window.same(5))).then(new Tanh()).then(new AvgPool2d(2)).relu())) {
      var input = Input.of(1, 12, 12);
      Model model = Model.of(input, f.apply(input));
      Tensor x = Tensor.randn(8, 1, 12, 12);
      float[][][] results = new float[2][][];
      long[] held = new long[2];
      for (int i = 0; i < 2; i++) {
        model.parameters().forEach(Tensor::zeroGrad);
        Tensor y = model.forward(x);
        y.square().sum().backward();
        var all = new ArrayList<>(List.of(y.toFloats()));
        model.parameters().forEach(p -> all.add(p.grad().toFloats()));
        results[i] = all.toArray(float[][]::new);
        held[i] = held(model, x);
        model.layers().get(1).onForward((layer, z) -> {});
      }
      assertThat(results[0][0]).containsExactly(results[1][0], within(rounding));
      for (int p = 1; p < results[0].length; p++) {
        assertThat(results[0][p]).containsExactly(results[1][p], within(2e-3f));
      }
      if (!Einkorn.isa().equals("scalar")) assertThat(held[0]).as(model.toString()).isLessThan(held[1]);
    }
  }

  @Test
  void whatOthersReadIsNotComputedTogether() {
    var x = Input.of(4, 6, 6);
    var conv = x.then(new Conv2d(4, 4, Window.same(3)));
    var relu = conv.relu();
    var pool = relu.then(new MaxPool2d(2));
    var model = Model.of(List.of(x), List.of(conv, relu, pool));
    Tensor in = Tensor.randn(2, 4, 6, 6);
    List<Tensor> ys = model.forward(List.of(in));
    Tensor c = model.children().get("conv2d").forward(in);
    assertThat(ys.get(0).toFloats()).isEqualTo(c.toFloats());
    assertThat(ys.get(1).toFloats()).isEqualTo(c.relu().toFloats());
    assertThat(ys.get(2).toFloats()).isEqualTo(Functional.maxPool2d(c.relu(), Window.of(2)).toFloats());
    var y = Input.of(4, 6, 6);
    var norm = y.then(new BatchNorm2d(4));
    assertThat(Model.of(y, norm.relu().add(norm)).forward(in).shape()).isEqualTo(in.shape());
    var sum = Input.of(4);
    var broadcast = Model.of(sum, sum.add(sum.map("first", t -> t.narrow(1, 0, 1))).relu());
    assertThat(broadcast.forward(Tensor.of(new float[] {1, -3, 2, -1}, 1, 4)).toFloats()).containsExactly(2, 0, 3, 0);
  }

  @Test
  void valuesAreFreedAfterTheirLastReader() {
    var model = image(x -> {
      Node h = x.then(new Conv2d(4, 4, Window.same(3))).relu();
      for (int i = 0; i < 10; i++) h = h.then(new Tanh()).add(h);
      return h;
    });
    model.eval();
    Tensor x = Tensor.randn(100, 4, 12, 12);
    float[] values = x.toFloats();
    try (var off = new NoGrad()) {
      model.forward(x);
      long before = Memory.used();
      Tensor y = model.forward(x);
      assertThat(Memory.used() - before).as("one activation left").isLessThan(2 * 4 * x.size());
      assertThat(y.toFloats()).doesNotContain(Float.NaN);
      assertThat(x.toFloats()).isEqualTo(values);
    }
  }

  @Test
  void whatOthersHaveIsNotFreed() {
    var kept = new ArrayList<Tensor>();
    var x = Input.of(3, 1, 1);
    var tanh = x.then(new Tanh());
    var same = tanh.then(new Identity()); // the same tensor
    var seen = same.then(new Sigmoid()).map("keep", t -> {
      kept.add(t);
      return t;
    }).then(new Tanh());
    var model = Model.of(List.of(x), List.of(same, x.then(new Dropout(0.5)).flatten(), seen, x.then(new Identity())));
    kept.clear();
    model.eval();
    try (var off = new NoGrad()) {
      Tensor in = Tensor.randn(2, 3, 1, 1);
      List<Tensor> ys = model.forward(List.of(in));
      assertThat(ys.get(0).toFloats()).isEqualTo(in.tanh().toFloats());
      assertThat(ys.get(1).toFloats()).isEqualTo(in.toFloats());
      assertThat(ys.get(3).toFloats()).isEqualTo(in.toFloats());
      assertThat(kept.get(0).toFloats()).isEqualTo(in.tanh().sigmoid().toFloats());
      assertThat(in.isClosed()).isFalse();
    }
  }

  @Test
  void threadsShareAModel() {
    var model = image(x -> x.then(new Conv2d(4, 4, Window.same(3))).add(x).relu().flatten().then(new Linear(576, 3)));
    model.eval();
    Tensor x = Tensor.randn(2, 4, 12, 12);
    float[] expected = model.predict(x).toFloats();
    List<float[]> answers = java.util.stream.IntStream.range(0, 16).parallel()
        .mapToObj(i -> model.predict(x).toFloats()).toList();
    assertThat(answers).allSatisfy(a -> assertThat(a).isEqualTo(expected));
  }
}
