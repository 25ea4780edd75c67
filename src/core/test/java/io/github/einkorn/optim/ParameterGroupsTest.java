package io.github.einkorn.optim;

import static io.github.einkorn.optim.Parameters.gradient;
import static io.github.einkorn.optim.Parameters.parameter;
import static io.github.einkorn.optim.Parameters.parameters;
import static io.github.einkorn.optim.Parameters.train;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParameterGroupsTest {
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
}
