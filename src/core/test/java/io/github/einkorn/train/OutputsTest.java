package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.InScope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Sample;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Input;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.Node;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.SGD;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Models with several inputs and outputs. */
@ExtendWith(InScope.class)
class OutputsTest {
  private static final int N = 200;

  @BeforeEach
  void seed() {
    Einkorn.seed(3);
  }

  /** Which of a and b has the larger sum, and what the sums add up to. */
  private static TensorDataset data() {
    Tensor a = Tensor.randn(N, 3), b = Tensor.randn(N, 2);
    float[] s = a.sum(1).toFloats(), t = b.sum(1).toFloats(), sum = new float[N];
    long[] larger = new long[N];
    for (int i = 0; i < N; i++) {
      sum[i] = s[i] + t[i];
      larger[i] = s[i] > t[i] ? 1 : 0;
    }
    return new TensorDataset(List.of(a, b), List.of(Tensor.of(larger), Tensor.of(sum, N, 1)));
  }

  private static Model model() {
    var a = Input.of(3).named("a");
    var b = Input.of(2).named("b");
    var h = Node.cat(1, a, b).then(new Linear(5, 8));
    return Model.of(List.of(a, b), List.of(h.relu().then("larger", new Linear(8, 2)), h.then("sum", new Linear(8, 1))));
  }

  private static DataLoader loader(TensorDataset data) {
    return new DataLoader(data).batchSize(20).prefetch(0);
  }

  /** The first loss is that of fit's first step, and everything is as it was. */
  @Test
  void theFinderTakesSeveralInputsAndOutputs() {
    var model = model();
    var losses = Map.of("larger", new CrossEntropyLoss(), "sum", new MSELoss());
    var trainer = new Trainer(model).losses(losses).lossWeights(Map.of("larger", 3.0, "sum", 0.5))
        .optimizer(new SGD(model.parameters(), 0.1)).verbose(0);
    var data = loader(data());
    var before = model.parameters().get(0).toFloats();
    var curve = new LearningRateFinder(trainer).range(1e-4, 1).steps(30).run(data);
    assertThat(curve.losses()).hasSizeGreaterThan(10);
    assertThat(model.parameters().get(0).toFloats()).containsExactly(before);
    assertThat(curve.suggestion()).isBetween(1e-4, 1.0);
    var first = new DataLoader(data.dataset().take(20)).batchSize(20);
    assertThat(trainer.evaluate(first).get("loss")).isCloseTo(curve.losses().get(0), within(1e-5));
    assertThatThrownBy(() -> new LearningRateFinder(new Trainer(model))).isInstanceOf(IllegalStateException.class)
        .hasMessage("Trainer: LearningRateFinder needs a loss, see loss(…)");
    assertThatThrownBy(() -> new LearningRateFinder(new Trainer(model).losses(losses)))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("needs an optimizer");
  }

  @Test
  void learnsBothOutputs() {
    var model = model();
    var trainer = new Trainer(model).losses(Map.of("sum", new MSELoss(), "larger", new CrossEntropyLoss()))
        .lossWeights(Map.of("larger", 1.0, "sum", 0.5)).metrics("larger", new Accuracy()).verbose(0)
        .optimizer(new Adam(model.parameters(), 0.02));
    var data = data();
    History history = trainer.fit(loader(data), loader(data), 15);
    assertThat(history.keys()).containsExactly("loss", "larger_loss", "sum_loss", "larger_accuracy", "val_loss",
        "val_larger_loss", "val_sum_loss", "val_larger_accuracy");
    Map<String, Double> end = trainer.evaluate(loader(data));
    assertThat(end.get("larger_accuracy")).isGreaterThan(0.95);
    assertThat(end.get("sum_loss")).isLessThan(0.05);
    assertThat(end.get("loss")).isCloseTo(end.get("larger_loss") + 0.5 * end.get("sum_loss"), within(1e-6));
  }

  /** With w = 0 on one output, its own layer must not move, and the other moves as if it were alone. */
  @Test
  void weightsMultiplyTheGradients() {
    var data = data();
    Einkorn.seed(9);
    var both = model();
    Einkorn.seed(9);
    var alone = model();
    Tensor before = both.stateDict().get("larger.weight").copy();
    new Trainer(both).losses(new CrossEntropyLoss(), new MSELoss()).lossWeights(0, 2).verbose(0)
        .optimizer(new SGD(both.parameters(), 0.01)).fit(loader(data), 1);
    assertThat(both.stateDict().get("larger.weight").toFloats()).isEqualTo(before.toFloats());
    var sgd = new SGD(alone.parameters(), 0.01);
    for (Batch batch : loader(data)) {
      sgd.zeroGrad();
      Tensor sum = alone.forward(batch.inputs()).get(1);
      sum.sub(batch.targets().get(1)).square().mean().mul(2).backward();
      sgd.step();
    }
    float[] expected = alone.stateDict().get("sum.weight").toFloats();
    float[] got = both.stateDict().get("sum.weight").toFloats();
    for (int i = 0; i < got.length; i++) assertThat(got[i]).isCloseTo(expected[i], within(1e-5f));
  }

  @Test
  void oneLossServesAllOutputs() {
    var x = Input.of(3);
    var model = Model.of(List.of(x), List.of(x.then("p", new Linear(3, 1)), x.then("q", new Linear(3, 1))));
    Tensor in = Tensor.randn(6, 3), t = Tensor.randn(6, 1), u = Tensor.randn(6, 1);
    var logs = new Trainer(model).loss(new MSELoss())
        .evaluate(new DataLoader(new TensorDataset(List.of(in), List.of(t, u))).batchSize(6));
    List<Tensor> ys = model.predict(List.of(in));
    assertThat(logs.get("p_loss")).isCloseTo(ys.get(0).sub(t).square().mean().item(), within(1e-6));
    assertThat(logs.get("q_loss")).isCloseTo(ys.get(1).sub(u).square().mean().item(), within(1e-6));
    assertThat(logs.get("loss")).isCloseTo(logs.get("p_loss") + logs.get("q_loss"), within(1e-6));
  }

  @Test
  void predictsAllOutputs() {
    var model = model();
    var data = data();
    var trainer = new Trainer(model);
    List<Tensor> ys = trainer.predictAll(new DataLoader(data).batchSize(64));
    Batch all = data.batch(java.util.stream.IntStream.range(0, N).toArray());
    List<Tensor> expected = model.predict(all.inputs());
    for (int i = 0; i < 2; i++) {
      float[] y = ys.get(i).toFloats(), e = expected.get(i).toFloats();
      assertThat(y).hasSameSizeAs(e);
      for (int k = 0; k < y.length; k++) assertThat(y[k]).isCloseTo(e[k], within(1e-6f));
    }
    assertThatThrownBy(() -> trainer.predict(loader(data))).hasMessageContaining("2 outputs: use predictAll");
  }

  @Test
  void batchesAndSamplesHaveSeveralTensors() {
    var data = data();
    Sample s = data.get(7);
    assertThat(s.inputs()).hasSize(2);
    assertThat(s.x().shape().dims()).containsExactly(3);
    Batch b = Batch.of(List.of(data.get(3), data.get(7)));
    assertThat(b.size()).isEqualTo(2);
    assertThat(b.inputs().get(1).shape().dims()).containsExactly(2, 2);
    assertThat(b.targets().get(1).toFloats()).isEqualTo(data.batch(new int[] {3, 7}).targets().get(1).toFloats());
    assertThatThrownBy(() -> Batch.of(List.of(s, new Sample(s.x(), s.y())))).hasMessageContaining("sample 0 has 2");
    assertThatThrownBy(() -> new Batch(List.of(), List.of(s.y()))).hasMessageContaining("at least one");
    assertThatThrownBy(() -> new TensorDataset(List.of(Tensor.ones(2, 1), Tensor.ones(3, 1)), List.of(Tensor.ones(2))))
        .hasMessageContaining("(2, 1) and (3, 1)");
  }

  @Test
  void whatDoesNotFitIsSaid() {
    var trainer = new Trainer(model()).verbose(0);
    assertThatThrownBy(() -> trainer.losses(new MSELoss())).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Trainer: expected losses for the outputs [larger, sum], got 1");
    assertThatThrownBy(() -> trainer.losses(Map.of("larger", new MSELoss(), "summ", new MSELoss())))
        .hasMessageContaining("expected losses for the outputs [larger, sum], got some for");
    assertThatThrownBy(() -> trainer.lossWeights(1, -1)).hasMessageContaining("at least 0, got -1.0");
    assertThatThrownBy(() -> trainer.metrics(new Accuracy())).hasMessageContaining("[larger, sum]");
    assertThatThrownBy(() -> trainer.metrics("sun", new Accuracy())).hasMessageContaining("no output \"sun\"");
    var one = new TensorDataset(List.of(Tensor.ones(4, 3), Tensor.ones(4, 2)), List.of(Tensor.of(0L, 1L, 0L, 1L)));
    trainer.losses(new CrossEntropyLoss(), new MSELoss());
    assertThatThrownBy(() -> trainer.evaluate(new DataLoader(one)))
        .hasMessage("Trainer: the model has 2 outputs, but there are 1 targets");
    var single = new TensorDataset(Tensor.ones(4, 3), Tensor.ones(4));
    assertThatThrownBy(() -> trainer.evaluate(new DataLoader(single))).hasMessageContaining("takes the inputs [a, b]");
    var plain = new Trainer(new Sequential(new Linear(3, 1)));
    assertThatThrownBy(() -> plain.losses(Map.of("y", new MSELoss()))).hasMessageContaining("in their order");
    plain.losses(new MSELoss(), new MSELoss());
    assertThatThrownBy(() -> plain.evaluate(new DataLoader(single))).hasMessageContaining("1 output, but there are 2");
  }
}
