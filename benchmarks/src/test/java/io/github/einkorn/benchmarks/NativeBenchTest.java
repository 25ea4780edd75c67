package io.github.einkorn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ops.OpCase;
import io.github.einkorn.ops.OpCases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NativeBenchTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Which rows have no native counterpart: exactly those that say why. */
  @Test
  void everyRowIsTimedNativelyOrSaysWhyNot() throws IOException {
    Command.run(ROOT, "cmake", "--build", "javacpp-presets/target/cmake", "--target", "einkorn_bench").orThrow();
    var kernels = OpCases.all().stream().filter(row -> row.bench().javaOnly() == null).toList();
    var bench = new NativeBench(new Tree(ROOT).nativeBenchmark(), 1, 0.01);
    assertThat(bench.kernelsOf(kernels)).isEqualTo(kernels.stream().map(OpCase::toString).toList());
    assertThat(OpCases.all().stream().map(row -> row.bench().javaOnly()).filter(Objects::nonNull).distinct())
        .containsExactlyInAnyOrder("written in Java", "a view of the same memory", "put together from others",
            "conv2d on images of one row", "maxPool2d on images of one row", "avgPool2d on images of one row",
            "conv2d's input gradient", "indexSelect's kernel", "permute's kernel", "unfold, then permute",
            "permute, then fold");
  }

  @Test
  void repetitionsAreGatheredByName() throws IOException {
    String run = "{\"run_name\": \"conv2d: 3x3/step/repeats:2/real_time\", \"run_type\": \"%s\", \"real_time\": %s,"
        + " \"time_unit\": \"ns\"}";
    var runs = NativeBench.parse("{\"benchmarks\": [" + run.formatted("iteration", 2000) + ","
        + run.formatted("iteration", 3e3) + "," + run.formatted("aggregate", 2500) + "]}");
    assertThat(runs).containsOnlyKeys("conv2d: 3x3/step");
    assertThat(runs.get("conv2d: 3x3/step")).hasSize(2);
    assertThatThrownBy(() -> NativeBench.parse("{\"benchmarks\": [{\"run_name\": \"relu/step\", \"run_type\":"
        + " \"iteration\", \"error_occurred\": true, \"error_message\": \"no gradient\"}]}"))
        .hasMessage("relu/step: no gradient");
  }

  @Test
  void thePeakThatBoundsMoreCounts() throws IOException {
    var peak = NativeBench.Peak.of(Map.of("Peak/fma", 100e9, "Peak/triad", 10e9));
    assertThat(peak.seconds(100e9, 1e9)).isEqualTo(1);
    assertThat(peak.seconds(1e9, 20e9)).isEqualTo(2);
    assertThatThrownBy(() -> NativeBench.Peak.of(Map.of("Peak/fma", 1.0))).hasMessageContaining("Peak/triad");
  }
}
