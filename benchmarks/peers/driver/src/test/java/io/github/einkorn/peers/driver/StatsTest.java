package io.github.einkorn.peers.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatsTest {
  @Test
  void quantilesAreLinearBetweenNeighbours() {
    var samples = List.of(4.0, 1.0, 3.0, 2.0, 5.0);
    assertThat(Stats.median(samples)).isEqualTo(3);
    assertThat(Stats.quantile(samples, 0)).isEqualTo(1);
    assertThat(Stats.quantile(samples, 1)).isEqualTo(5);
    assertThat(Stats.quantile(samples, 0.1)).isEqualTo(1.4);
    assertThat(Stats.median(List.of(1.0, 2.0))).isEqualTo(1.5);
    assertThatThrownBy(() -> Stats.median(List.of())).hasMessage("no samples");
  }

  @Test
  void slowRoundsCancel() {
    var ratio = Stats.Ratio.of(List.of(2.0, 20.0, 2.0), List.of(1.0, 10.0, 1.0), 3);
    assertThat(ratio).isEqualTo(new Stats.Ratio(2, 2, 2)).hasToString("2.00 [2.00 .. 2.00]");
  }

  @Test
  void theRangeHoldsTheRatioOfTheMedians() {
    var ratio = Stats.Ratio.of(List.of(3.0, 2.0, 9.0), List.of(1.0, 2.0, 3.0), 3); // by rounds 3, 1, 3
    assertThat(ratio.value()).isEqualTo(1.5);
    assertThat(ratio.low()).isEqualTo(1.5);
    assertThat(ratio.high()).isEqualTo(3);
  }

  @Test
  void theRangeHoldsTheRatioOfEachProcess() {
    var ratio = Stats.Ratio.of(List.of(2.0, 2.0, 2.0, 2.0, 5.0), List.of(1.0, 1.0, 1.0, 1.0, 1.0), 1);
    assertThat(ratio.value()).isEqualTo(2);
    assertThat(ratio.low()).isEqualTo(2);
    assertThat(ratio.high()).isEqualTo(5);
  }
}
