package io.github.einkorn.optim;

import static io.github.einkorn.optim.Parameters.gradient;
import static io.github.einkorn.optim.Parameters.normal;
import static io.github.einkorn.optim.Parameters.parameter;
import static io.github.einkorn.optim.Parameters.parameters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What optimizers do to tensors, and which arguments they refuse. */
class OptimizerTest {
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
    assertThat(adam.state()).containsOnlyKeys("lr", "initial_lr", "steps", "1.exp_avg", "1.exp_avg_sq");
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
}
