package io.github.einkorn.optim;

import static io.github.einkorn.optim.Parameters.parameter;
import static io.github.einkorn.optim.Parameters.parameters;
import static io.github.einkorn.optim.Parameters.refuses;
import static io.github.einkorn.optim.Parameters.train;
import static org.assertj.core.api.Assertions.assertThat;

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
}
