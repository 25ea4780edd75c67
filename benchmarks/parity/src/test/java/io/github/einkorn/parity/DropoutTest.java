package io.github.einkorn.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.parity.Library.Model;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropout draws differently in every library, and has to have the same statistics. */
class DropoutTest {
  private static final int N = 100_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 0.9})
  void dropsWithProbabilityPAndScalesTheRest(double p) {
    check(Ours.LIBRARY, Ours.model(new Sequential(new Dropout(p))), p);
    Torch.FLOAT.scoped(() -> {
      Stack stack = new Stack().dropout(p);
      check(Torch.FLOAT, Torch.FLOAT.model(stack.layers, stack.layers::forward), p);
    });
  }

  private static <T> void check(Library<T> lib, Model<T> model, double p) {
    lib.scoped(() -> {
      Input input = Input.uniform(String.valueOf(N), 1, 2), weights = input.fixed();
      T x = lib.of(input), y = model.forward(x);
      lib.backward(y, lib.of(weights));
      double[] in = lib.read(x).v(), out = lib.read(y).v(), gradient = lib.read(lib.grad(x)).v();
      assertThat(gradient).isEqualTo(out); // the same mask, as x and the weights are the same numbers
      int dropped = 0;
      double farthest = 0; // from 1, of what is let pass, scaled back, to what came in
      for (int i = 0; i < N; i++) {
        if (out[i] == 0) dropped++;
        else farthest = Math.max(farthest, Math.abs(out[i] * (1 - p) / in[i] - 1));
      }
      assertThat(farthest).isLessThanOrEqualTo(2 * Values.EPS);
      double deviation = Math.sqrt(N * p * (1 - p));
      assertThat((double) dropped).isCloseTo(N * p, within(5 * deviation));
      model.train(false);
      assertThat(lib.read(model.forward(x)).v()).isEqualTo(in);
    });
  }
}
