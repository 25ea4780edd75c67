package io.github.einkorn.optim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Parameters of many sizes, and what tests of optimizers do with them. */
final class Parameters {
  static final int[] SIZES = {1, 3, 7, 8, 9, 13, 64, 1009, 70_001};

  private Parameters() {}

  static float[] normal(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian();
    return x;
  }

  static Tensor parameter(float... values) {
    return Tensor.of(values).requiresGrad(true);
  }

  static List<Tensor> parameters(Random random) {
    var all = new ArrayList<Tensor>();
    for (int n : SIZES) all.add(parameter(normal(random, n)));
    return all;
  }

  /** Gives the parameter this gradient. */
  static void gradient(Tensor p, float... g) {
    p.zeroGrad();
    try (var scope = new Scope()) {
      p.backward(Tensor.of(g, p.shape().dims()));
    }
  }

  /** Steps with random gradients for all. */
  static void train(Optimizer optimizer, Random random, int steps) {
    for (int step = 0; step < steps; step++) {
      for (Tensor p : optimizer.parameters()) gradient(p, normal(random, (int) p.size()));
      optimizer.step();
    }
  }

  /** The optimizer takes no such state, and says so. */
  static void refuses(Optimizer o, Map<String, Tensor> state, Class<? extends Exception> type, String words) {
    assertThatThrownBy(() -> o.load(state)).isInstanceOf(type).hasMessageContaining(words);
  }
}
