package io.github.einkorn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.DType;
import io.github.einkorn.FreezeException;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Layer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every row of {@link OpCases}, frozen, gives the bits it gives otherwise. */
class ReplayTest {
  /** Applies the operation to inputs that depend on x, although x does not change them. */
  private static final class OfOperation extends Layer {
    private final OpCase row;
    private final Tensor[] inputs;

    OfOperation(OpCase row, Tensor[] inputs) {
      this.row = row;
      this.inputs = inputs;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor zero = x.mul(0).sum();
      return row.run(Arrays.stream(inputs).map(t -> t.dtype() == DType.FLOAT32 ? t.add(zero)
          : t.to(DType.FLOAT32).add(zero).to(t.dtype())).toArray(Tensor[]::new));
    }
  }

  @TestFactory
  Stream<DynamicTest> frozenOperationsGiveTheSameBits() {
    return OpCases.all().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> check(c)));
  }

  private static void check(OpCase c) {
    for (String shapes : c.shapes) {
      try (var scope = new Scope()) {
        Nd[] in = c.inputs(shapes, false);
        for (Tensor[] t : new Tensor[][] {c.tensors(shapes, in), channelsLast(c.tensors(shapes, in))}) {
          var layer = new OfOperation(c, t);
          if (c.inMemoryOrder) { // it draws random numbers
            assertThatThrownBy(() -> layer.freeze(1)).isInstanceOf(FreezeException.class);
            continue;
          }
          try (var frozen = layer.freeze(1)) {
            Tensor expected = c.run(t), y = frozen.predict(Tensor.ones(5, 1));
            assertThat(y.describe()).isEqualTo(expected.describe());
            assertThat(y.to(DType.FLOAT32).toFloats()).isEqualTo(expected.to(DType.FLOAT32).toFloats());
          }
        }
      }
    }
  }

  private static Tensor[] channelsLast(Tensor[] xs) {
    return Arrays.stream(xs).map(x -> x.rank() == 4 ? x.channelsLast() : x).toArray(Tensor[]::new);
  }
}
