package io.github.einkorn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ops.Bench.Work;
import io.github.einkorn.ops.OpCase;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void aNameIsARowOrAFamily() {
    assertThat(Rows.select(List.of("sum: last", "linear"))).extracting(OpCase::toString)
        .containsExactly("sum: last", "linear", "linear: bare", "linear: few rows", "linear: relu", "linear: relu6",
            "linear: tanh", "linear: sigmoid");
    assertThat(Rows.select(List.of())).hasSizeGreaterThan(80);
    assertThatThrownBy(() -> Rows.select(List.of("relu", "conv3d"))).hasMessageStartingWith("no row is called conv3d;");
  }

  @Test
  void workFollowsFromShapes() {
    assertThat(work("linear", false)).isEqualTo(new Work(2.0 * 100 * 256 * 784,
        4.0 * (100 * 784 + 256 * 784 + 256 + 100 * 256)));
    int x = 100 * 32 * 28 * 28;
    assertThat(work("relu", false)).isEqualTo(new Work(0, 4.0 * 2 * x));
    assertThat(work("relu", true)).isEqualTo(new Work(0, 4.0 * 5 * x)); // reads x, y, gy, writes y, gx
    assertThat(work("maxPool2d", true)).isEqualTo(new Work(2 * x, 4.0 * 2 * x + 4.0 * 2 * x / 4 + 2 * x / 4));
    assertThat(work("reshape", false)).isEqualTo(new Work(0, 0));
    assertThat(work("reshape", true)).isEqualTo(new Work(0, 4.0 * 2 * x)); // copies gy to gx
  }

  private static Work work(String row, boolean step) {
    return Rows.named(row).bench().work(step);
  }
}
