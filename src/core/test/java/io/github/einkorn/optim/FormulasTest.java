package io.github.einkorn.optim;

import static io.github.einkorn.optim.Parameters.SIZES;
import static io.github.einkorn.optim.Parameters.gradient;
import static io.github.einkorn.optim.Parameters.normal;
import static io.github.einkorn.optim.Parameters.parameter;
import static io.github.einkorn.optim.Parameters.parameters;
import static io.github.einkorn.optim.Parameters.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Optimizers beside the formulas in PyTorch's documentation, in double. */
class FormulasTest {
  private final int threads = Einkorn.threads();

  @AfterEach
  void restoreThreads() {
    Einkorn.threads(threads);
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
        float a = actual.get(k)[i];
        if (!(Math.abs(a - e) <= 5e-6 * Math.max(1, Math.abs(e)))) {
          fail("parameter %d, element %d: expected %s, got %s", k, i, e, a);
        }
      }
    }
    params.forEach(Tensor::close);
    return actual;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.github.einkorn.optim.Rules#rules")
  void followsPyTorchsFormulasOnAnyNumberOfThreads(
      String name, Function<List<Tensor>, Optimizer> make, Supplier<Formulas> formulas) {
    Einkorn.threads(1);
    List<float[]> one = run(make, formulas, 7);
    Einkorn.threads(2);
    List<float[]> two = run(make, formulas, 7);
    for (int k = 0; k < one.size(); k++) assertThat(two.get(k)).isEqualTo(one.get(k));
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
}
