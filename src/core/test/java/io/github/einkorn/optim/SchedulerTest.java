package io.github.einkorn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Curves follow from PyTorch's recursions, which are written out here, or are worked out by hand. */
class SchedulerTest {
  private static SGD sgd(double lr) {
    return new SGD(List.of(Tensor.ones(1).requiresGrad(true)), lr);
  }

  /** The learning rate at first and after each of some steps. */
  private static double[] rates(Scheduler s, int steps) {
    double[] rates = new double[steps + 1];
    for (int t = 0; t <= steps; t++) {
      rates[t] = s.lr();
      if (t < steps) s.step();
    }
    return rates;
  }

  private static void assertRates(Scheduler s, double... expected) {
    assertThat(rates(s, expected.length - 1)).containsExactly(expected, within(1e-12));
  }

  @Test
  void steps() {
    assertRates(new StepLR(sgd(0.8), 2).gamma(0.5), 0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1);
    assertRates(new StepLR(sgd(1), 1), 1, 0.1, 0.01);
    assertRates(new MultiStepLR(sgd(1), 4, 1, 4).gamma(0.5), 1, 0.5, 0.5, 0.5, 0.125, 0.125);
    assertRates(new MultiStepLR(sgd(1), 2), 1, 1, 0.1);
    assertRates(new ExponentialLR(sgd(1), 0.5), 1, 0.5, 0.25, 0.125);
    assertRates(new LambdaLR(sgd(0.5), t -> 1.0 / (t + 1)), 0.5, 0.25, 0.5 / 3);
  }

  @Test
  void linear() {
    assertRates(new LinearLR(sgd(0.05)).startFactor(0.5).totalIters(4), 0.025, 0.03125, 0.0375, 0.04375, 0.05, 0.05);
    assertRates(new LinearLR(sgd(3)), 1, 1.4, 1.8, 2.2, 2.6, 3, 3);
    assertRates(new LinearLR(sgd(1)).startFactor(1).endFactor(0).totalIters(2), 1, 0.5, 0, 0);
  }

  /** PyTorch steps by lr ← (1 + cos(π t / T)) / (1 + cos(π (t − 1) / T)) (lr − min) + min. */
  @Test
  void cosine() {
    double[] expected = new double[10];
    expected[0] = 0.5;
    for (int t = 1; t < 10; t++) {
      expected[t] = (1 + Math.cos(Math.PI * t / 10)) / (1 + Math.cos(Math.PI * (t - 1) / 10)) * (expected[t - 1] - 0.1)
          + 0.1;
    }
    assertRates(new CosineAnnealingLR(sgd(0.5), 10).etaMin(0.1), expected);
    double[] whole = rates(new CosineAnnealingLR(sgd(1), 4), 8);
    assertThat(whole).containsExactly(new double[] {1, (2 + Math.sqrt(2)) / 4, 0.5, (2 - Math.sqrt(2)) / 4, 0,
        (2 - Math.sqrt(2)) / 4, 0.5, (2 + Math.sqrt(2)) / 4, 1}, within(1e-12));
  }

  @Test
  void oneCycle() {
    double[] r = rates(new OneCycleLR(sgd(99), 1, 10), 10);
    assertThat(r[0]).isCloseTo(0.04, within(1e-12));
    assertThat(r[1]).isCloseTo(0.52, within(1e-12)); // half way to step 2, where the first three tenths end
    assertThat(r[2]).isCloseTo(1, within(1e-12));
    assertThat(r[9]).isCloseTo(0.04 / 1e4, within(1e-12));
    assertThat(r[10]).isEqualTo(r[9]);
    for (int t = 3; t < 10; t++) {
      double cosine = (1 + Math.cos(Math.PI * (t - 2) / 7)) / 2;
      assertThat(r[t]).isCloseTo(4e-6 + (1 - 4e-6) * cosine, within(1e-12));
    }
    assertRates(new OneCycleLR(sgd(1), 1, 11).linear(true).pctStart(5.0 / 11).divFactor(5).finalDivFactor(2), 0.2, 0.4,
        0.6, 0.8, 1, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.1);
    assertRates(new OneCycleLR(sgd(1), 1, 10).linear(true).pctStart(0.4).threePhase(true).divFactor(4)
        .finalDivFactor(4), 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0.25 - 0.1875 / 3, 0.25 - 0.1875 / 1.5, 0.0625);
  }

  @Test
  void oneCycleMovesTheMomentumTheOtherWay() {
    var p = List.of(Tensor.zeros(1).requiresGrad(true));
    p.get(0).backward(Tensor.ones(1));
    var sgd = new SGD(p, 1).momentum(0.5);
    var cycle = new OneCycleLR(sgd, 1, 10).linear(true).divFactor(1).finalDivFactor(1).momentum(0.2, 0.4);
    double at = 0, buffer = 1;
    double[] momenta = {0.4, 0.3, 0.2};
    for (int t = 0; t < 3; t++) { // lr is 1 throughout
      buffer = t == 0 ? 1 : momenta[t] * buffer + 1;
      at -= buffer;
      sgd.step();
      assertThat((double) p.get(0).item()).isCloseTo(at, within(1e-6));
      cycle.step();
    }
    var plain = sgd(1);
    plain.parameters().get(0).backward(Tensor.ones(1));
    new OneCycleLR(plain, 1, 10).step();
    plain.step();
    assertThat(plain.state()).doesNotContainKey("0.momentum_buffer"); // it has none, and gets none
  }

  @Test
  void aMomentumThatIsNotToMoveIsTheGivenOne() {
    var p = List.of(Tensor.zeros(1).requiresGrad(true));
    for (Optimizer o : List.of(new SGD(p, 1).momentum(0.5), new RMSprop(p).momentum(0.5), new Adam(p).betas(0.5, 0.9),
        new AdamW(p).betas(0.5, 0.9),
        new NAdam(p).betas(0.5, 0.9))) {
      var cycle = new OneCycleLR(o, 1, 10);
      assertThat(o.presentMomentum()).isCloseTo(0.95, within(1e-12));
      cycle.cycleMomentum(false);
      cycle.step();
      assertThat(o.presentMomentum()).isEqualTo(0.5);
    }
  }

  /** At the highest rate there is none, and afterwards there is again. */
  @Test
  void aMomentumMayPassThroughZero() {
    var sgd = sgd(1).momentum(0.9);
    var cycle = new OneCycleLR(sgd, 1, 10).linear(true).momentum(0, 0.7);
    double[] momenta = new double[10];
    for (int t = 0; t < 10; t++) {
      sgd.parameters().get(0).backward(Tensor.ones(1));
      sgd.step();
      momenta[t] = Double.isNaN(sgd.presentMomentum()) ? 0 : sgd.presentMomentum();
      cycle.step();
    }
    assertThat(momenta).containsExactly(new double[] {0.7, 0.35, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, within(1e-12));
  }

  @Test
  void warmUpThenCosine() {
    var sgd = sgd(0.4);
    var warm = new LinearLR(sgd).startFactor(0.25).totalIters(3);
    var cosine = new CosineAnnealingLR(sgd, 4); // its base is 0.4, not what the warm-up has made of it
    var all = new SequentialLR(sgd, List.of(warm, cosine), 3);
    assertRates(all, 0.1, 0.2, 0.3, 0.4, 0.4 * (2 + Math.sqrt(2)) / 4, 0.2, 0.4 * (2 - Math.sqrt(2)) / 4, 0);
    var other = sgd(1);
    assertThatThrownBy(() -> new SequentialLR(sgd, List.of(warm), 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need 0 milestones");
    assertThatThrownBy(() -> new SequentialLR(sgd, List.of(warm, cosine, warm), 3, 3)).hasMessageContaining("grow");
    assertThatThrownBy(() -> new SequentialLR(sgd, List.of(warm, new StepLR(other, 1)), 3))
        .hasMessageContaining("another optimizer");
  }

  @Test
  void groupsGoAlong() {
    Tensor a = Tensor.zeros(1).requiresGrad(true), b = Tensor.zeros(1).requiresGrad(true);
    var sgd = new SGD(List.of(a, b), 1);
    sgd.group(List.of(b)).lrFactor(0.5);
    var halve = new ExponentialLR(sgd, 0.5);
    a.backward(Tensor.ones(1));
    b.backward(Tensor.ones(1));
    halve.step();
    sgd.step();
    assertThat(a.item()).isEqualTo(-0.5f);
    assertThat(b.item()).isEqualTo(-0.25f);
  }

  @Test
  void aRateSetInBetweenLastsUntilTheNextStep() {
    var sgd = sgd(1);
    var halve = new ExponentialLR(sgd, 0.5);
    sgd.lr(7);
    assertThat(halve.lr()).isEqualTo(7);
    halve.step();
    assertThat(sgd.lr()).isEqualTo(0.5);
    assertThat(halve).hasToString("ExponentialLR(lr 0.5, steps 1)");
  }

  @Test
  void resumesWhereItStopped() {
    Stream.<Function<SGD, Scheduler>>of(s -> new StepLR(s, 2), s -> new OneCycleLR(s, 1, 12),
        s -> new CosineAnnealingLR(s, 9), s -> new SequentialLR(s, List.of(new LinearLR(s), new StepLR(s, 1)), 3))
        .forEach(make -> {
          var whole = make.apply(sgd(0.3));
          var half = make.apply(sgd(0.3));
          for (int t = 0; t < 5; t++) half.step();
          var optimizer = sgd(0.3);
          optimizer.load(half.optimizer().state());
          assertThat(optimizer.lr()).isEqualTo(half.lr());
          var resumed = make.apply(optimizer);
          resumed.load(half.state());
          assertThat(resumed.lr()).isEqualTo(half.lr());
          assertThat(resumed.steps()).isEqualTo(5);
          double[] all = rates(whole, 12), rest = rates(resumed, 7);
          for (int t = 0; t <= 7; t++) assertThat(rest[t]).isEqualTo(all[5 + t]);
        });
  }

  @Test
  void aStateThatDoesNotFitChangesNothing() {
    var s = new OneCycleLR(sgd(1), 1, 5);
    s.step();
    double lr = s.lr();
    Stream.<Map<String, Tensor>>of(with(s, "steps", null), with(s, "steps", Tensor.of(-1L)),
        with(s, "steps", Tensor.of(6L)), with(s, "base", Tensor.of(Double.doubleToRawLongBits(Double.NaN))),
        with(s, "more", Tensor.of(1L)))
        .forEach(state -> assertThatThrownBy(() -> s.load(state)).isInstanceOf(RuntimeException.class));
    assertThat(s.lr()).isEqualTo(lr);
    assertThat(s.steps()).isEqualTo(1);
  }

  private static Map<String, Tensor> with(Scheduler s, String key, Tensor value) {
    var changed = new LinkedHashMap<>(s.state());
    if (value == null) changed.remove(key);
    else changed.put(key, value);
    return changed;
  }

  @Test
  void aCycleEnds() {
    var s = new OneCycleLR(sgd(1), 1, 2);
    s.step();
    s.step();
    assertThatThrownBy(s::step).isInstanceOf(IllegalStateException.class).hasMessageContaining("totalSteps");
    assertThat(s.steps()).isEqualTo(2);
  }

  @Test
  void badOptionsAreRefused() {
    var sgd = sgd(1);
    double nan = Double.NaN;
    Stream.<Runnable>of(() -> new StepLR(sgd, 0), () -> new StepLR(sgd, 1).gamma(-1), () -> new MultiStepLR(sgd, 0),
        () -> new ExponentialLR(sgd, nan), () -> new CosineAnnealingLR(sgd, 0),
        () -> new CosineAnnealingLR(sgd, 3).etaMin(-1), () -> new LinearLR(sgd).startFactor(0),
        () -> new LinearLR(sgd).endFactor(1.5), () -> new LinearLR(sgd).totalIters(0),
        () -> new OneCycleLR(sgd, nan, 9), () -> new OneCycleLR(sgd, 1, 0), () -> new OneCycleLR(sgd, 1, 9).pctStart(2),
        () -> new OneCycleLR(sgd, 1, 9).divFactor(0), () -> new OneCycleLR(sgd, 1, 9).momentum(1, 0),
        () -> new LambdaLR(sgd, t -> nan))
        .forEach(r -> assertThatThrownBy(r::run).isInstanceOf(IllegalArgumentException.class));
    var later = new LambdaLR(sgd, t -> t == 0 ? 1 : -1);
    assertThatThrownBy(later::step).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("-1");
    assertThat(later.steps()).isZero();
  }
}
