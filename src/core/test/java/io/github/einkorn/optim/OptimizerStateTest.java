package io.github.einkorn.optim;

import static io.github.einkorn.optim.Parameters.gradient;
import static io.github.einkorn.optim.Parameters.parameter;
import static io.github.einkorn.optim.Parameters.parameters;
import static io.github.einkorn.optim.Parameters.refuses;
import static io.github.einkorn.optim.Parameters.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DTypeException;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a checkpoint holds of an optimizer. */
class OptimizerStateTest {
  static Stream<Arguments> optimizers() {
    return Rules.rules().map(r -> Arguments.of(r.get()[0], r.get()[1]));
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
      assertThat(resumed.get(i).toFloats()).isEqualTo(straight.get(i).toFloats());
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
    assertThat(adam.state().get("0.exp_avg").toFloats()).isEqualTo(moment);
    train(adam, new Random(2), 1);
  }

  @Test
  void schedulesBeginWithTheRateThatWasGivenBeforeItWasSaved() {
    var given = new SGD(List.of(parameter(1)), 1);
    given.lr(0.01);
    var other = new SGD(List.of(parameter(1)), 1);
    other.load(given.state());
    new StepLR(other, 1);
    assertThat(other.lr()).isEqualTo(0.01);
    new StepLR(given, 1).step(); // to 0.001, which the next schedule does not begin with
    other.load(given.state());
    assertThat(other.lr()).isCloseTo(0.001, within(1e-12));
    new StepLR(other, 1);
    assertThat(other.lr()).isEqualTo(0.01);
  }

  @Test
  void aMomentumThatIsTurnedOffIsSavedAsWhatItIs() {
    Tensor p = parameter(1);
    var rms = new RMSprop(List.of(p), 0.1).momentum(0.9).centered(true);
    gradient(p, 2);
    rms.step();
    // v = 0.01 · 2², a = 0.01 · 2, and the momentum is the direction 2 / √(v − a²)
    double v = 0.04, a = 0.02, buffer = 2 / (Math.sqrt(v - a * a) + 1e-8);
    rms.momentum(0);
    assertThat(rms.state().get("0.square_avg").item()).isCloseTo((float) v, within(1e-7f));
    assertThat(rms.state().get("0.grad_avg").item()).isCloseTo((float) a, within(1e-7f));
    assertThat(rms.state().get("0.momentum_buffer").item()).isCloseTo((float) buffer, within(1e-4f));
    double before = p.item();
    rms.step(); // without momentum, which stays as it is
    v = 0.99 * v + 0.01 * 4;
    a = 0.99 * a + 0.01 * 2;
    assertThat((double) p.item()).isCloseTo(before - 0.1 * 2 / (Math.sqrt(v - a * a) + 1e-8), within(1e-5));
    assertThat(rms.state().get("0.momentum_buffer").item()).isCloseTo((float) buffer, within(1e-4f));
  }

  @Test
  void aMomentumMayPassThroughZero() {
    Tensor p = parameter(1), q = parameter(1);
    var rms = new RMSprop(List.of(p), 0.1).momentum(0.9);
    var cycle = new OneCycleLR(rms, 0.1, 10).pctStart(0.5).momentum(0, 0.95);
    var resumed = new RMSprop(List.of(q), 0.1).momentum(0.9);
    var resumedCycle = new OneCycleLR(resumed, 0.1, 10).pctStart(0.5).momentum(0, 0.95);
    for (int t = 0; t < 9; t++) {
      resumedCycle.load(cycle.state());
      resumed.load(rms.state());
      q.copyInPlace(p.detach());
      for (Tensor each : List.of(p, q)) gradient(each, t - 3);
      rms.step();
      resumed.step();
      assertThat(q.item()).isEqualTo(p.item());
      cycle.step();
    }
    assertThatThrownBy(() -> new OneCycleLR(new SGD(List.of(q), 1), 1, 5).load(cycle.state()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("OneCycleLR: the saved state does not fit");
  }

  @Test
  void aStateOfMoreThanIsNeededIsTakenAndKept() {
    Tensor p = parameter(1), q = parameter(1);
    var rms = new RMSprop(List.of(p), 0.1).momentum(0.9).centered(true);
    gradient(p, 2);
    rms.step();
    rms.momentum(0).centered(false).step();
    var other = new RMSprop(List.of(q), 0.1);
    other.load(rms.state());
    assertThat(other.state()).containsKeys("0.square_avg", "0.momentum_buffer", "0.grad_avg");
    q.copyInPlace(p.detach());
    gradient(q, 2);
    other.step();
    rms.step();
    assertThat(q.item()).isEqualTo(p.item());
    var older = new LinkedHashMap<>(rms.state());
    older.remove("initial_lr");
    other.lr(3);
    other.load(older);
    new StepLR(other, 1);
    assertThat(other.lr()).isEqualTo(0.1);
  }

  @Test
  void aScheduleMayBeginWithoutMomentum() {
    Tensor p = parameter(1);
    var rms = new RMSprop(List.of(p), 0.1).momentum(0.9);
    var cycle = new OneCycleLR(rms, 0.1, 10).pctStart(0.1).momentum(0, 0.9);
    for (int t = 0; t < 9; t++) {
      gradient(p, 1);
      rms.step();
      cycle.step();
    }
    assertThat(rms.state()).containsKeys("0.square_avg", "0.momentum_buffer");
  }
}
