package io.github.einkorn.peers.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.peers.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Task W2 = Task.of("W2-train-100");

  private static Row row(Library library, String config, double... millis) {
    return new Row(W2, 2, library, config, Arrays.stream(millis).boxed().toList(), millis.length, 300_000_000, "");
  }

  private static final Comparison COMPARISON = new Comparison(W2, 2, List.of(
      row(Library.EINKORN, "default", 5, 4, 6), row(Library.PYTORCH, "nchw", 20, 20, 20),
      row(Library.PYTORCH, "channels-last", 15, 16, 15), row(Library.ONEDNN, "default", 1, 1, 1),
      Row.failed(W2, 2, Library.DJL, "default", "no answer for 300 s")));

  @Test
  void theBestPeerIsNeitherEinkornNorTheFloor() {
    assertThat(COMPARISON.best().get().name()).isEqualTo("PyTorch channels-last");
    assertThat(COMPARISON.ratio().get().value()).isEqualTo(3);
    assertThat(COMPARISON.floor().flatMap(COMPARISON::ratio).get().value()).isEqualTo(0.2);
  }

  @Test
  void theRangeOfTheBestIsThatOfTheSmallestRatio() {
    var close = new Comparison(W2, 2, List.of(row(Library.EINKORN, "default", 1, 1, 1, 1),
        row(Library.PYTORCH, "nchw", 2.9, 3, 3, 6), row(Library.TENSORFLOW, "default", 2.5, 3.1, 3.1, 3.5)));
    assertThat(close.best().get().library()).isEqualTo(Library.PYTORCH);
    assertThat(close.rows().stream().flatMap(r -> close.ratio(r).stream()).map(Object::toString))
        .containsExactly("3.00 [2.98 .. 3.75]", "3.10 [2.95 .. 3.20]");
    assertThat(close.ratio().get()).hasToString("3.00 [2.95 .. 3.20]");
  }

  @Test
  void withoutEinkornThereIsNoRatio() {
    var alone = new Comparison(W2, 2, List.of(row(Library.PYTORCH, "nchw", 20)));
    assertThat(alone.ratio()).isEmpty();
    assertThat(Report.terminal(alone)).contains("PyTorch nchw").doesNotContain("best peer");
  }

  @Test
  void markdownHasTheRatioTheRowsAndWhatFailed() {
    String text = Report.markdown(new Machine(Map.of("processor", "a|b")), "scripts/bench.sh peers",
        List.of(COMPARISON), "chart.svg");
    assertThat(text).contains("| processor | a\\|b |", "![the ratios as bars](chart.svg)",
        "| W2-train-100, 2 threads | 5.000 ms | 15.00 ms | PyTorch channels-last | 3.00 [2.75 .. 3.50] |",
        "| W2-train-100, 2 threads | Einkorn | 5.000 ms | 4.200 .. 5.800 | 20,000 images/s | 300 MB | | |",
        "| DJL | no answer for 300 s | W2-train-100, 2 threads |");
  }

  @Test
  void terminalSaysWhyARowIsMissing() {
    assertThat(Report.terminal(COMPARISON)).contains("DJL                      did not run: no answer for 300 s\n",
        "best peer / Einkorn: 3.00 [2.75 .. 3.50] (PyTorch channels-last)\n");
  }

  @Test
  void numbersHaveFourDigits() {
    assertThat(List.of(0.0002591, 0.8882, 16.604, 2066.4, 12345.6)).extracting(Row::number)
        .containsExactly("0.000259", "0.8882", "16.60", "2066", "12346");
  }

  @Test
  void aSecondRunOfADayHasAFileOfItsOwn(@TempDir Path folder) throws IOException {
    Path first = Peers.free(folder, "2030-01-02");
    Files.createFile(first);
    assertThat(first.getFileName()).hasToString("2030-01-02.md");
    assertThat(Peers.free(folder, "2030-01-02").getFileName()).hasToString("2030-01-02-2.md");
  }

  @Test
  void theChartIsAnSvg(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("chart.svg");
    assertThat(BarChart.write(List.of(), file)).isFalse();
    assertThat(BarChart.write(List.of(COMPARISON), file)).isTrue();
    assertThat(file).content().startsWith("<svg").contains("W2-train-100", "2 threads", "3.00");
  }

  @Test
  void peakOfTheMachine() throws IOException {
    assertThat(Machine.peak("""
        {"benchmarks": [{"name": "Peak/fma/real_time", "flop/s": 1.87e11}, {"name": "Peak/fma_avx2", "flop/s": 9e11},
        {"name": "Peak/triad/real_time", "bytes/s": 3.04e10}]}""")).isEqualTo("187 GFLOP/s (FMA), 30.4 GB/s (triad)");
    assertThat(Machine.peak("{}")).startsWith("unknown");
  }
}
