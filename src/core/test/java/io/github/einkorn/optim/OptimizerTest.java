package io.github.einkorn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
  private static final int[] SIZES = {1, 3, 7, 8, 9, 13, 64, 1009, 70_001};

  private final int threads = Einkorn.threads();

  @AfterEach
  void restoreThreads() {
    Einkorn.threads(threads);
  }

  private static float[] normal(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian();
    return x;
  }

  private static Tensor parameter(float... values) {
    return Tensor.of(values).requiresGrad(true);
  }

  private static List<Tensor> parameters(Random random) {
    var all = new ArrayList<Tensor>();
    for (int n : SIZES) all.add(parameter(normal(random, n)));
    return all;
  }

  /** Gives the parameter this gradient. */
  private static void gradient(Tensor p, float... g) {
    p.zeroGrad();
    try (var scope = new Scope()) {
      p.backward(Tensor.of(g, p.shape().dims()));
    }
  }

  // ---- the formulas ----

  private static Arguments row(String name, Function<List<Tensor>, Optimizer> optimizer, Supplier<Formulas> formulas) {
    return Arguments.of(name, optimizer, formulas);
  }

  private static Supplier<Formulas> sgd(double momentum, double dampening, boolean nesterov, double decay) {
    return () -> {
      var f = new Formulas.Sgd();
      f.momentum = momentum;
      f.dampening = dampening;
      f.nesterov = nesterov;
      f.decay = decay;
      return f;
    };
  }

  private static Supplier<Formulas> adam(
      double lr, double beta1, double beta2, double eps, boolean decoupled, double decay) {
    return () -> {
      var f = new Formulas.Adam();
      f.lr = lr;
      f.beta1 = beta1;
      f.beta2 = beta2;
      f.eps = eps;
      f.decoupled = decoupled;
      f.decay = decay;
      return f;
    };
  }

  private static <F extends Formulas> Supplier<Formulas> of(Supplier<F> make, Consumer<F> set) {
    return () -> {
      F f = make.get();
      set.accept(f);
      return f;
    };
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        row("sgd", p -> new SGD(p, 0.1), sgd(0, 0, false, 0)),
        row("sgd decay", p -> new SGD(p, 0.1).weightDecay(0.05), sgd(0, 0, false, 0.05)),
        row("sgd momentum", p -> new SGD(p, 0.1).momentum(0.9), sgd(0.9, 0, false, 0)),
        row("sgd dampening", p -> new SGD(p, 0.1).momentum(0.8).dampening(0.3), sgd(0.8, 0.3, false, 0)),
        row("sgd nesterov", p -> new SGD(p, 0.1).momentum(0.9).nesterov(true), sgd(0.9, 0, true, 0)),
        row("sgd nesterov decay", p -> new SGD(p, 0.1).nesterov(true).momentum(0.5).weightDecay(0.1),
            sgd(0.5, 0, true, 0.1)),
        row("adam", Adam::new, adam(1e-3, 0.9, 0.999, 1e-8, false, 0)),
        row("adam lr", p -> new Adam(p, 0.05), adam(0.05, 0.9, 0.999, 1e-8, false, 0)),
        row("adam all", p -> new Adam(p, 0.01).betas(0.8, 0.95).eps(1e-3).weightDecay(0.2),
            adam(0.01, 0.8, 0.95, 1e-3, false, 0.2)),
        row("adam forgetting", p -> new Adam(p, 0.01).betas(0, 0), adam(0.01, 0, 0, 1e-8, false, 0)),
        row("adam remembering", p -> new Adam(p, 0.01).betas(0.9, 0.99999999), // as a float, 1
            adam(0.01, 0.9, 0.99999999, 1e-8, false, 0)),
        row("adamw", AdamW::new, adam(1e-3, 0.9, 0.999, 1e-8, true, 0.01)),
        row("adamw all", p -> new AdamW(p, 0.02).betas(0.7, 0.99).eps(1e-4).weightDecay(0.3),
            adam(0.02, 0.7, 0.99, 1e-4, true, 0.3)),
        row("nadam", NAdam::new, of(Formulas.NAdam::new, f -> f.lr = 2e-3)),
        row("nadam all", p -> new NAdam(p, 0.01).betas(0.8, 0.95).eps(1e-3).weightDecay(0.2).momentumDecay(0.5),
            of(Formulas.NAdam::new, f -> {
              f.lr = 0.01;
              f.beta1 = 0.8;
              f.beta2 = 0.95;
              f.eps = 1e-3;
              f.decay = 0.2;
              f.momentumDecay = 0.5;
            })),
        row("nadam decoupled", p -> new NAdam(p, 0.01).weightDecay(0.2).decoupledWeightDecay(true),
            of(Formulas.NAdam::new, f -> {
              f.lr = 0.01;
              f.decay = 0.2;
              f.decoupled = true;
            })),
        row("adagrad", Adagrad::new, of(Formulas.Adagrad::new, f -> f.lr = 0.01)),
        row("adagrad all", p -> new Adagrad(p, 0.1).lrDecay(0.3).initialAccumulator(0.5).eps(1e-3).weightDecay(0.2),
            of(Formulas.Adagrad::new, f -> {
              f.lrDecay = 0.3;
              f.initial = 0.5;
              f.eps = 1e-3;
              f.decay = 0.2;
            })),
        row("rmsprop", RMSprop::new, of(Formulas.RmsProp::new, f -> f.lr = 0.01)),
        row("rmsprop momentum", p -> new RMSprop(p, 0.01).momentum(0.9).weightDecay(0.1),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.01;
              f.momentum = 0.9;
              f.decay = 0.1;
            })),
        row("rmsprop centered", p -> new RMSprop(p, 0.01).alpha(0.9).centered(true).eps(1e-2),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.01;
              f.alpha = 0.9;
              f.centered = true;
              f.eps = 1e-2;
            })),
        row("rmsprop all", p -> new RMSprop(p, 0.02).alpha(0.8).centered(true).eps(1e-2).momentum(0.5),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.02;
              f.alpha = 0.8;
              f.centered = true;
              f.eps = 1e-2;
              f.momentum = 0.5;
            })));
  }

  /** The last parameter has a gradient from the fourth step on, the one before misses every second. */
  private static boolean has(int parameter, int step) {
    return parameter == SIZES.length - 1 ? step >= 3 : parameter != SIZES.length - 2 || step % 2 == 0;
  }

  private static List<float[]> run(Function<List<Tensor>, Optimizer> make, Supplier<Formulas> formulas, int steps) {
    var random = new Random(7);
    List<Tensor> params = parameters(random);
    Optimizer optimizer = make.apply(params);
    List<Formulas> rules = params.stream().map(p -> formulas.get()).toList();
    List<double[]> expected = new ArrayList<>();
    for (Tensor p : params) {
      float[] x = p.toFloats();
      double[] d = new double[x.length];
      for (int i = 0; i < d.length; i++) d[i] = x[i];
      expected.add(d);
    }
    for (int step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      for (int k = 0; k < params.size(); k++) {
        if (!has(k, step)) continue;
        float[] g = normal(random, SIZES[k]);
        gradient(params.get(k), g);
        rules.get(k).step(expected.get(k), g);
      }
      optimizer.step();
    }
    List<float[]> actual = params.stream().map(Tensor::toFloats).toList();
    for (int k = 0; k < actual.size(); k++) {
      for (int i = 0; i < SIZES[k]; i++) {
        double e = expected.get(k)[i];
        assertThat((double) actual.get(k)[i]).as("parameter %d, element %d", k, i)
            .isCloseTo(e, within(5e-6 * Math.max(1, Math.abs(e))));
      }
    }
    params.forEach(Tensor::close);
    return actual;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void followsPyTorchsFormulasOnAnyNumberOfThreads(
      String name, Function<List<Tensor>, Optimizer> make, Supplier<Formulas> formulas) {
    Einkorn.threads(1);
    List<float[]> one = run(make, formulas, 7);
    Einkorn.threads(2);
    List<float[]> two = run(make, formulas, 7);
    for (int k = 0; k < one.size(); k++) assertThat(two.get(k)).containsExactly(one.get(k));
  }

  @Test
  void firstAdamStepHasTheLengthOfTheLearningRate() {
    Tensor p = parameter(1, 1, 1);
    gradient(p, 100, -1e-3f, 0);
    new Adam(List.of(p), 0.25).step();
    assertThat(p.toFloats()).containsExactly(new float[] {0.75f, 1.25f, 1}, within(1e-5f));
  }

  @Test
  void momentumTurnedOnLaterBeginsWithTheGradient() {
    Tensor p = parameter(0);
    var sgd = new SGD(List.of(p), 1);
    gradient(p, 5);
    sgd.step();
    sgd.momentum(0.5);
    gradient(p, 2);
    sgd.step(); // b = 2
    gradient(p, 4);
    sgd.step(); // b = 1 + 4
    assertThat(p.item()).isEqualTo(-5 - 2 - 5);
  }

  @Test
  void aNewLearningRateCountsFromTheNextStep() {
    Tensor p = parameter(0);
    var sgd = new SGD(List.of(p), 1);
    gradient(p, 1);
    sgd.step();
    sgd.lr(0.25);
    sgd.step();
    assertThat(p.item()).isEqualTo(-1.25f);
    assertThat(sgd.lr()).isEqualTo(0.25);
    assertThat(sgd.steps()).isEqualTo(2);
    assertThat(sgd.toString()).isEqualTo("SGD(1 parameters, lr 0.25, steps 2)");
  }

  @Test
  void aNonFiniteGradientGoesThroughAsInPyTorch() {
    Tensor p = parameter(1, 1);
    gradient(p, Float.NaN, 1);
    new Adam(List.of(p), 0.5).step();
    assertThat(p.toFloats()[0]).isNaN();
    assertThat(p.toFloats()[1]).isCloseTo(0.5f, within(1e-6f));
  }

  /** As many steps as it takes until 1 less the product of the momenta is 1. */
  @Test
  void nadamForgetsItsBeginning() {
    var formula = new Formulas.NAdam();
    formula.lr = 1e-3;
    Tensor p = parameter(1);
    double[] expected = {1};
    var nadam = new NAdam(List.of(p), 1e-3);
    for (int step = 0; step < 300; step++) {
      float g = (float) Math.cos(step);
      gradient(p, g);
      nadam.step();
      formula.step(expected, new float[] {g});
    }
    assertThat((double) p.item()).isCloseTo(expected[0], within(2e-6));
  }

  /** A parameter without a gradient in the second step has a product of its own, which a state goes on with. */
  @Test
  void nadamsProductHasTheMomentumOfEachStep() {
    var random = new Random(4);
    List<Tensor> params = List.of(parameter(1, -2, 3), parameter(2, 4));
    var nadam = new NAdam(params, 0.1);
    var formulas = List.of(new Formulas.NAdam(), new Formulas.NAdam());
    List<double[]> expected = List.of(new double[] {1, -2, 3}, new double[] {2, 4});
    for (int step = 0; step < 8; step++) {
      nadam.zeroGrad();
      nadam.scheduleMomentum(0.95 - 0.05 * step);
      for (int k = 0; k < 2; k++) {
        if (k == 1 && step == 1) continue;
        float[] g = normal(random, expected.get(k).length);
        gradient(params.get(k), g);
        formulas.get(k).beta1 = 0.95 - 0.05 * step;
        formulas.get(k).step(expected.get(k), g);
      }
      nadam.step();
      if (step == 4) {
        var resumed = new NAdam(params);
        resumed.load(nadam.state());
        nadam = resumed;
      }
      for (int k = 0; k < 2; k++) {
        for (int i = 0; i < expected.get(k).length; i++) {
          assertThat((double) params.get(k).toFloats()[i]).isCloseTo(expected.get(k)[i], within(2e-6));
        }
      }
    }
    var last = nadam;
    var changed = new LinkedHashMap<>(last.state());
    changed.put("0.mu_product", Tensor.of(Double.doubleToRawLongBits(1)));
    refuses(last, changed, IllegalArgumentException.class, "NAdam: state \"0.mu_product\" must lie in [0, 1), got 1.0");
    changed.remove("0.mu_product");
    refuses(last, changed, IllegalArgumentException.class, "lacks \"0.mu_product\"");
  }

  @Test
  void aStateThatIsNeededLaterOnIsRefused() {
    Tensor p = parameter(1);
    var rms = new RMSprop(List.of(p));
    gradient(p, 1);
    rms.step();
    float before = p.item();
    rms.momentum(0.9);
    assertThatThrownBy(rms::step).isInstanceOf(IllegalStateException.class).hasMessageContaining("momentum_buffer");
    assertThat(p.item()).isEqualTo(before);
    rms.momentum(0).step();
    assertThat(p.item()).isLessThan(before);
    var centered = new RMSprop(List.of(p)).centered(true);
    centered.step();
    assertThatThrownBy(centered.centered(false).momentum(0.9)::step).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has [square_avg, grad_avg]");
  }

  // ---- groups ----

  @Test
  void groupsHaveARateAndADecayOfTheirOwn() {
    Tensor a = parameter(1), b = parameter(1), c = parameter(1);
    var sgd = new SGD(List.of(a, b, c), 0.5).weightDecay(0.1);
    sgd.group(List.of(b)).lrFactor(0.1);
    sgd.group(List.of(c)).weightDecay(0);
    for (Tensor p : List.of(a, b, c)) gradient(p, 1);
    sgd.step();
    assertThat(a.item()).isEqualTo(1 - 0.5f * 1.1f, within(1e-6f));
    assertThat(b.item()).isEqualTo(1 - 0.05f * 1.1f, within(1e-6f));
    assertThat(c.item()).isEqualTo(1 - 0.5f, within(1e-6f));
    sgd.lr(0); // reaches every group
    sgd.step();
    assertThat(c.item()).isEqualTo(0.5f, within(1e-6f));
  }

  @Test
  void aGroupMovesAsAnOptimizerOfItsOwn() {
    List<Tensor> together = parameters(new Random(5)), apart = parameters(new Random(5));
    var all = new AdamW(together, 0.01);
    all.group(together.subList(0, 4)).lrFactor(3).weightDecay(0.2);
    var some = new AdamW(apart.subList(0, 4), 0.03).weightDecay(0.2);
    var others = new AdamW(apart.subList(4, apart.size()), 0.01);
    train(all, new Random(1), 3);
    var random = new Random(1);
    for (int step = 0; step < 3; step++) for (Optimizer o : List.of(some, others)) train(o, random, 1);
    for (int i = 0; i < apart.size(); i++) {
      assertThat(together.get(i).toFloats()).containsExactly(apart.get(i).toFloats(), within(1e-6f));
    }
  }

  @Test
  void groupsThatOverlapOrAreForeignAreRefused() {
    Tensor a = parameter(1), b = parameter(2);
    var adam = new Adam(List.of(a, b));
    assertThatThrownBy(() -> adam.group(List.of(a, parameter(1)))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not among this optimizer's parameters");
    assertThatThrownBy(() -> adam.group(List.of(a, a))).hasMessage("Adam parameter 0 is in a group already");
    adam.group(List.of(b));
    assertThatThrownBy(() -> adam.group(List.of(a, b))).hasMessage("Adam parameter 1 is in a group already");
    adam.group(List.of(a)); // nothing of the refused ones remains
  }

  // ---- tensors ----

  @Test
  void parametersWithoutGradientStayUntouched() {
    Tensor a = parameter(1, 2), b = parameter(3);
    long before = a.stamp(), beforeB = b.stamp();
    var adam = new Adam(List.of(a, b));
    gradient(b, 1);
    adam.step();
    assertThat(a.stamp()).isEqualTo(before);
    assertThat(a.toFloats()).containsExactly(1, 2);
    assertThat(b.stamp()).isNotEqualTo(beforeB);
    assertThat(adam.state()).containsOnlyKeys("lr", "steps", "1.exp_avg", "1.exp_avg_sq");
    adam.zeroGrad();
    assertThat(b.grad()).isNull();
    adam.step();
    assertThat(adam.steps()).isEqualTo(2);
  }

  @Test
  void channelsLastGradientsAndParametersAreAligned() {
    var random = new Random(3);
    float[] w = normal(random, 2 * 3 * 4 * 5), g = normal(random, w.length);
    Tensor plain = Tensor.of(w, 2, 3, 4, 5).requiresGrad(true);
    Tensor last = Tensor.of(w, 2, 3, 4, 5).channelsLast().requiresGrad(true);
    var adam = new Adam(List.of(plain, last), 0.1);
    for (int step = 0; step < 3; step++) {
      adam.zeroGrad();
      plain.backward(Tensor.of(g, 2, 3, 4, 5).channelsLast());
      last.backward(Tensor.of(g, 2, 3, 4, 5));
      adam.step();
    }
    assertThat(plain.toFloats()).containsExactly(last.toFloats()).isNotEqualTo(w);
  }

  @Test
  void stepsInScopesHoldNoMoreMemoryAfterTheFirst() {
    var random = new Random(1);
    List<Tensor> params = parameters(random);
    var adam = new Adam(params);
    long used = 0;
    for (int step = 0; step < 202; step++) {
      try (var scope = new Scope()) {
        adam.zeroGrad();
        for (Tensor p : params) p.square().sum().backward();
        adam.step();
      }
      if (step == 1) used = Memory.used();
    }
    assertThat(Memory.used() - used).isLessThan(64 * 200); // a leak would be a block of 64 bytes per step
    assertThat(adam.state().get("0.exp_avg").isClosed()).isFalse();
  }

  @Test
  void aClosedTensorIsNamedBeforeAnythingIsChanged() {
    Tensor a = parameter(1), b = parameter(2), c = parameter(3);
    var sgd = new SGD(List.of(a, b, c), 1);
    for (Tensor t : List.of(a, b, c)) gradient(t, 1);
    b.grad().close();
    assertThatThrownBy(sgd::step).isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("the gradient of SGD parameter 1: a tensor of shape (1) was closed");
    gradient(b, 1);
    c.close();
    assertThatThrownBy(sgd::step).isInstanceOf(ClosedTensorException.class)
        .hasMessageStartingWith("SGD parameter 2: ");
    assertThat(a.item()).isEqualTo(1);
    assertThat(b.item()).isEqualTo(2);
    assertThat(sgd.steps()).isZero();
    assertThatThrownBy(() -> new SGD(List.of(a, c), 1)).isInstanceOf(ClosedTensorException.class);
  }

  // ---- arguments ----

  @Test
  void listsThatCannotBeTrainedAreRefused() {
    Tensor p = parameter(1);
    assertThatThrownBy(() -> new SGD(List.of(), 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("SGD: the list of parameters is empty");
    assertThatThrownBy(() -> new Adam(List.of(p, parameter(2), p))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Adam parameter 2 is in the list twice");
    assertThatThrownBy(() -> new Adam(List.of(p, p.mul(2)))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Adam parameter 1 is the result of an operation, not a parameter");
    assertThatThrownBy(() -> new Adam(List.of(Tensor.of(1L)))).isInstanceOf(DTypeException.class)
        .hasMessageContaining("Adam parameter 0").hasMessageContaining("int64");
    assertThat(p.requiresGrad()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -1e-9, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e39})
  void badHyperParametersAreRefusedAtOnce(double bad) {
    List<Tensor> p = List.of(parameter(1));
    var sgd = new SGD(p, 0.5);
    var adam = new Adam(p);
    Stream.<Runnable>of(
        () -> new SGD(p, bad), () -> new Adam(p, bad), () -> new AdamW(p, bad), () -> sgd.lr(bad),
        () -> sgd.momentum(bad), () -> sgd.weightDecay(bad), () -> adam.eps(bad), () -> adam.weightDecay(bad),
        () -> adam.betas(bad, 0.9), () -> adam.betas(0.9, bad), () -> new AdamW(p).weightDecay(bad),
        () -> new NAdam(p, bad), () -> new NAdam(p).momentumDecay(bad), () -> new Adagrad(p, bad),
        () -> new Adagrad(p).lrDecay(bad), () -> new Adagrad(p).initialAccumulator(bad), () -> new RMSprop(p).eps(bad),
        () -> new RMSprop(p, bad), () -> new RMSprop(p).alpha(bad), () -> new RMSprop(p).momentum(bad),
        () -> adam.group(p).lrFactor(bad), () -> new Adam(p).group(p).weightDecay(bad))
        .forEach(r -> assertThatThrownBy(r::run).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(String.valueOf(bad)));
    assertThat(sgd.lr()).isEqualTo(0.5);
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    Tensor p = parameter(1);
    gradient(p, 1);
    List<Tensor> list = List.of(p);
    assertThatThrownBy(() -> new SGD(list, 1).nesterov(true).step()).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nesterov needs a momentum");
    assertThatThrownBy(() -> new SGD(list, 1).momentum(0.9).dampening(0.1).nesterov(true).step())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new Adam(list).betas(0.9, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(p.item()).isEqualTo(1);
  }

  // ---- checkpoints ----

  private static void train(Optimizer optimizer, Random random, int steps) {
    for (int step = 0; step < steps; step++) {
      for (Tensor p : optimizer.parameters()) gradient(p, normal(random, (int) p.size()));
      optimizer.step();
    }
  }

  static Stream<Arguments> optimizers() {
    return rules().map(r -> Arguments.of(r.get()[0], r.get()[1]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void resumingIsBitwiseEqualToNeverHavingStopped(String name, Function<List<Tensor>, Optimizer> make) {
    List<Tensor> straight = parameters(new Random(5)), first = parameters(new Random(5));
    Optimizer whole = make.apply(straight), half = make.apply(first);
    train(half, new Random(6), 3);
    half.lr(half.lr() / 3);
    var random = new Random(6);
    train(whole, random, 3);
    whole.lr(whole.lr() / 3);
    Map<String, Tensor> saved = half.state();
    List<Tensor> resumed = first.stream().map(p -> p.copy().requiresGrad(true)).toList();
    Optimizer fresh = make.apply(resumed);
    fresh.load(saved);
    train(half, new Random(8), 1); // the loaded state is a copy: this must not show
    var rest = new Random(9);
    train(whole, rest, 2);
    train(fresh, new Random(9), 2);
    assertThat(fresh.steps()).isEqualTo(5);
    assertThat(fresh.lr()).isEqualTo(whole.lr());
    for (int i = 0; i < straight.size(); i++) {
      assertThat(resumed.get(i).toFloats()).containsExactly(straight.get(i).toFloats());
    }
  }

  @Test
  void aStateThatDoesNotFitChangesNothing() {
    List<Tensor> params = List.of(parameter(1, 2), parameter(3));
    var adam = new Adam(params, 0.1);
    train(adam, new Random(1), 2);
    float[] moment = adam.state().get("0.exp_avg").toFloats();
    BiFunction<String, Tensor, Map<String, Tensor>> with = (key, value) -> {
      var changed = new LinkedHashMap<>(adam.state());
      changed.replaceAll((k, t) -> t.copy());
      if (value == null) changed.remove(key);
      else changed.put(key, value);
      return changed;
    };
    refuses(adam, with.apply("1.exp_avg_sq", null), IllegalArgumentException.class, "lacks \"1.exp_avg_sq\"");
    refuses(adam, with.apply("lr", null), IllegalArgumentException.class, "lacks \"lr\"");
    refuses(adam, with.apply("2.exp_avg", Tensor.ones(1)), IllegalArgumentException.class, "unknown state [2.exp_avg]");
    refuses(adam, with.apply("0.exp_avg", Tensor.ones(3)), ShapeException.class, "should have shape (2), got (3)");
    refuses(adam, with.apply("0.exp_avg", Tensor.of(1L, 2L)), DTypeException.class, "expected float32");
    refuses(adam, with.apply("steps", Tensor.of(2L, 2L)), ShapeException.class, "\"steps\"");
    refuses(adam, with.apply("steps", Tensor.of(2L, -1L, 2L)), IllegalArgumentException.class, "negative");
    refuses(adam, with.apply("lr", Tensor.of(Double.doubleToRawLongBits(Double.NaN))), IllegalArgumentException.class,
        "saved learning rate");
    Tensor closed = Tensor.ones(1);
    closed.close();
    refuses(adam, with.apply("1.exp_avg", closed), ClosedTensorException.class, "closed");
    assertThat(adam.lr()).isEqualTo(0.1);
    assertThat(adam.steps()).isEqualTo(2);
    assertThat(adam.state().get("0.exp_avg").toFloats()).containsExactly(moment);
    train(adam, new Random(2), 1);
  }

  private static void refuses(Optimizer o, Map<String, Tensor> state, Class<? extends Exception> type, String words) {
    assertThatThrownBy(() -> o.load(state)).isInstanceOf(type).hasMessageContaining(words);
  }
}
