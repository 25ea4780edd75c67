package io.github.einkorn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void theIntervalOfAMedianLiesBetweenTheRanksOfTheSignTest() {
    double[] samples = IntStream.rangeClosed(1, 15).mapToDouble(i -> 16 - i).toArray();
    assertThat(Interval.ofMedian(samples)).isEqualTo(new Interval(4, 8, 12)); // 96.5 %, as in every table
    assertThat(Interval.ofMedian(1, 2, 3, 4, 5, 6)).isEqualTo(new Interval(1, 3.5, 6));
    assertThatThrownBy(() -> Interval.ofMedian(1, 2, 3, 4, 5)).hasMessageContaining("at least 6 samples, got 5");
  }

  @Test
  void itHoldsTheMedianAsOftenAsItSays() {
    var random = new Random(1);
    int held = 0, trials = 4000;
    for (int i = 0; i < trials; i++) {
      var interval = Interval.ofMedian(random.doubles(11).map(x -> x * x * x).toArray());
      if (interval.low() <= 0.125 && 0.125 <= interval.high()) held++;
    }
    assertThat((double) held / trials).isBetween(0.95, 1.0);
  }
}
