package io.github.einkorn.train;

import static io.github.einkorn.train.FitOptionsTest.data;
import static io.github.einkorn.train.FitOptionsTest.loader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.BatchNorm1d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.CosineAnnealingLR;
import io.github.einkorn.optim.LinearLR;
import io.github.einkorn.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateFinderTest {
  private final Linear layer = new Linear(4, 3);
  private final Sequential model = new Sequential(layer);

  @Test
  void theFinderLeavesEverythingAsItWas() {
    var net = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new Linear(8, 3));
    var adam = new Adam(net.parameters(), 0.02);
    new Trainer(net).loss(new CrossEntropyLoss()).optimizer(adam).verbose(0).fit(loader(data()), 1);
    net.get(1).eval();
    var before = net.stateDict().values().stream().map(t -> t.to(DType.FLOAT32).toFloats()).toList();
    float[] moment = adam.state().get("0.exp_avg").toFloats();
    var finder = new LearningRateFinder(net, new CrossEntropyLoss(), adam).range(1e-5, 100).steps(60);
    Einkorn.seed(5);
    Tensor.rand(1);
    float then = Tensor.rand(1).item();
    Einkorn.seed(5);
    Tensor.rand(1);
    var curve = finder.run(loader(data()));
    assertThat(Tensor.rand(1).item()).isEqualTo(then);
    var after = net.stateDict().values().stream().map(t -> t.to(DType.FLOAT32).toFloats()).toList();
    for (int i = 0; i < before.size(); i++) assertThat(after.get(i)).containsExactly(before.get(i));
    assertThat(adam.state().get("0.exp_avg").toFloats()).containsExactly(moment);
    assertThat(adam.lr()).isEqualTo(0.02);
    assertThat(adam.steps()).isEqualTo(6);
    assertThat(net.get(1).isTraining()).isFalse();
    assertThat(net.isTraining()).isTrue();
    List<Double> rates = curve.rates();
    assertThat(rates.get(0)).isEqualTo(1e-5);
    for (int i = 1; i < rates.size(); i++) {
      assertThat(rates.get(i) / rates.get(i - 1)).isCloseTo(Math.pow(1e7, 1.0 / 59), within(1e-9));
    }
    double mean = 0;
    for (int i = 0; i < rates.size(); i++) {
      mean = 0.98 * mean + 0.02 * curve.losses().get(i);
      assertThat(curve.smoothed().get(i)).isCloseTo(mean / (1 - Math.pow(0.98, i + 1)), within(1e-9));
    }
    new Scope().close(); // no scope was left open
  }

  @Test
  void theSuggestionIsWhereTheLossFallsMost() {
    var curve = new LearningRateFinder.Curve();
    double[] means = {9, 5, 5, 5, 4.9, 4.7, 4, 3.5, 3.4, 3.4, 9, 1};
    for (int i = 0; i < means.length; i++) curve.add(Math.pow(10, i - 9), means[i], means[i]);
    assertThat(curve.suggestion()).isCloseTo(1e-3, within(1e-15)); // 4.7 to 3.5; the ends do not count
    var rising = new LearningRateFinder.Curve();
    for (int i = 0; i < 9; i++) rising.add(i + 1, i, i);
    assertThatThrownBy(rising::suggestion).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("falls nowhere");
  }

  /** Linear regression by gradient descent: it learns nothing below a rate of 1e-3, and diverges above 1. */
  @Test
  void theSuggestionTrains() {
    Einkorn.seed(3);
    var net = new Linear(4, 1);
    Tensor x = Tensor.randn(200, 4), y = x.matmul(Tensor.of(new float[] {1, -2, 3, 0.5f}, 4, 1));
    var whole = new DataLoader(new TensorDataset(x, y)).batchSize(200);
    var sgd = new SGD(net.parameters(), 1);
    double rate = new LearningRateFinder(net, new MSELoss(), sgd).range(1e-5, 10).run(whole).suggestion();
    assertThat(rate).isBetween(1e-3, 1.0);
    sgd.lr(rate);
    History h = new Trainer(net).loss(new MSELoss()).optimizer(sgd).verbose(0).fit(whole, 100);
    assertThat(h.get("loss").get(99)).isLessThan(0.05 * h.get("loss").get(0));
  }

  @Test
  void theFinderEndsWhereTheLossExplodes() {
    var sgd = new SGD(model.parameters(), 1);
    var targets = new DataLoader(new TensorDataset(Tensor.ones(4, 4), Tensor.ones(4, 3))).batchSize(4);
    var curve = new LearningRateFinder(model, new MSELoss(), sgd).range(1e-3, 1e6).steps(50).run(targets);
    assertThat(curve.rates().size()).isLessThan(50);
    assertThat(curve.smoothed()).allMatch(Double::isFinite);
    for (float w : layer.weight().toFloats()) assertThat(w).isFinite();
    var finder = new LearningRateFinder(model, new MSELoss(), sgd);
    assertThatThrownBy(() -> finder.run(loader(data()))).isInstanceOf(RuntimeException.class); // labels for MSE
    assertThat(sgd.lr()).isEqualTo(1);
    assertThatThrownBy(() -> finder.range(1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> finder.steps(2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> finder.divergence(1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void schedulesBeginAsIfItHadNotRun() {
    var sgd = new SGD(model.parameters(), 0.3);
    new LinearLR(sgd); // a third of it
    new LearningRateFinder(model, new CrossEntropyLoss(), sgd).steps(5).run(loader(data()));
    assertThat(sgd.lr()).isCloseTo(0.1, within(1e-9));
    assertThat(new CosineAnnealingLR(sgd, 10).lr()).isEqualTo(0.3);
  }
}
