package io.github.einkorn.optim;

import static io.github.einkorn.global.einkorn.ek_grad_norm;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;

/**
 * Keeps gradients from being too large, between {@code backward} and {@code step}:
 *
 * <pre>{@code
 * loss.backward();
 * Gradients.clipGradNorm(model.parameters(), 1);
 * optimizer.step();
 * }</pre>
 */
public final class Gradients {
  private Gradients() {}

  /**
   * Shortens the gradients, taken together as one vector, to a length of {@code max} where they are longer: g ← g ·
   * min(1, max / (norm + 1e-6)). Parameters without a gradient do not count. As {@code torch.nn.utils.clip_grad_norm_};
   * a norm that is not finite spoils the gradients as there.
   *
   * @return the length before
   * @throws IllegalArgumentException unless max is positive
   */
  public static double clipGradNorm(List<Tensor> parameters, double max) {
    checkMax("clipGradNorm", max);
    List<Tensor> gradients = of(parameters);
    long[] table = new long[6 * gradients.size()];
    for (int i = 0; i < gradients.size(); i++) {
      table[6 * i + 1] = gradients.get(i).address();
      table[6 * i + 5] = gradients.get(i).size();
    }
    double norm = ek_grad_norm(table, gradients.size());
    Reference.reachabilityFence(gradients);
    double factor = max / (norm + 1e-6);
    if (!(factor >= 1)) for (Tensor g : gradients) g.mulInPlace(factor);
    return norm;
  }

  /**
   * g ← min(max(g, −max), max) for every element of every gradient: {@code torch.nn.utils.clip_grad_value_}.
   *
   * @throws IllegalArgumentException unless max is positive
   */
  public static void clipGradValue(List<Tensor> parameters, double max) {
    checkMax("clipGradValue", max);
    for (Tensor g : of(parameters)) {
      try (var scope = new Scope()) {
        g.copyInPlace(g.clamp(-max, max));
      }
    }
  }

  private static List<Tensor> of(List<Tensor> parameters) {
    return parameters.stream().map(Tensor::grad).filter(Objects::nonNull).toList();
  }

  private static void checkMax(String what, double max) {
    if (!(max > 0)) throw new IllegalArgumentException(what + ": max must be positive, got " + max);
  }
}
