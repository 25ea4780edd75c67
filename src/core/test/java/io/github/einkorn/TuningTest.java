package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuningTest {
  private static final List<Integer> SHAPE = List.of(2, 16, 10, 12, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1);
  private final Scope scope = new Scope();
  private final Winograd winograd = Einkorn.winograd();
  private final int threads = Einkorn.threads();
  @TempDir Path dir;

  @BeforeEach
  void reset() {
    Einkorn.profile(false);
  }

  @AfterEach
  void restore() {
    Tuning.clear();
    Einkorn.winograd(winograd);
    Einkorn.threads(threads);
    scope.close();
  }

  /** Forward and gradients of one convolution of SHAPE; the output. */
  private static float[] run() {
    Einkorn.seed(1);
    Tensor x = Tensor.randn(2, 16, 10, 12).requiresGrad(true), w = Tensor.randn(24, 16, 3, 3).requiresGrad(true);
    Tensor y = Functional.conv2d(x, w, null, Window.of(3).pad(1));
    y.square().mean().backward();
    float[] all = y.toFloats();
    float[] gx = x.grad().toFloats(), gw = w.grad().toFloats();
    float[] joined = new float[all.length + gx.length + gw.length];
    System.arraycopy(all, 0, joined, 0, all.length);
    System.arraycopy(gx, 0, joined, all.length, gx.length);
    System.arraycopy(gw, 0, joined, all.length + gx.length, gw.length);
    return joined;
  }

  private static Tuning of(String algorithm) {
    return new Tuning(Tuning.Machine.here(), Convolution.PASSES.stream()
        .map(op -> new Tuning.Choice(op, SHAPE, algorithm, Map.of(algorithm, 1L))).toList());
  }

  private static List<String> taken(String op) {
    return Profile.rows().stream().filter(r -> r.op().equals(op)).map(Profile.Row::algorithm).toList();
  }

  @Test
  void everyAlgorithmIsTakenWhenChosen() {
    float[] table = run();
    for (String algorithm : new Convolution("conv2d", SHAPE).candidates()) {
      of(algorithm).apply();
      Einkorn.profile(false);
      Einkorn.threads(1);
      float[] one = run();
      Einkorn.threads(2);
      assertThat(run()).as(algorithm).isEqualTo(one);
      for (String op : Convolution.PASSES) {
        List<String> candidates = new Convolution(op, SHAPE).candidates();
        assertThat(taken(op)).containsExactly(candidates.contains(algorithm) ? algorithm : candidates.get(0));
      }
      double worst = IntStream.range(0, one.length).mapToDouble(i -> Math.abs(one[i] - table[i])).max().orElseThrow();
      assertThat(worst).as(algorithm).isLessThan(1e-3); // outputs have a deviation of 12
    }
    Tuning.clear();
    assertThat(run()).isEqualTo(table);
  }

  @Test
  void measuringTimesEveryCandidateOfWhatWasMet() {
    assertThat(Tuning.measure().choices()).isEmpty();
    run();
    Tuning t = Tuning.measure();
    assertThat(t.machine()).isEqualTo(Tuning.Machine.here());
    assertThat(t.choices()).extracting(Tuning.Choice::op).containsExactlyInAnyOrderElementsOf(Convolution.PASSES);
    for (var c : t.choices()) {
      assertThat(c.shape()).isEqualTo(SHAPE);
      List<String> candidates = c.convolution().candidates();
      assertThat(List.copyOf(c.nanoseconds().keySet())).isEqualTo(candidates);
      assertThat(c.nanoseconds().values()).allMatch(time -> time > 0);
      long best = Collections.min(c.nanoseconds().values()), table = c.nanoseconds().get(candidates.get(0));
      if (best > 0.9 * table) assertThat(c.algorithm()).isEqualTo(candidates.get(0));
      else assertThat(c.nanoseconds()).containsEntry(c.algorithm(), best);
    }
    assertThat(t.toString()).contains("2x16x10x12 -> 24, 3x3, pad 1");
  }

  @Test
  void winogradSettingIsRespected() {
    Einkorn.winograd(Winograd.OFF);
    run();
    assertThat(Tuning.measure().choices())
        .allMatch(c -> c.nanoseconds().keySet().stream().noneMatch(a -> a.startsWith("winograd")));
    of("winograd-f4").apply(); // not allowed: left out
    Einkorn.profile(false);
    run();
    assertThat(taken("conv2d")).hasSize(1).noneMatch(a -> a.startsWith("winograd"));
  }

  @Test
  void aFileHoldsAll() {
    run();
    Tuning t = Tuning.measure();
    Path file = dir.resolve("sub/tuning.json");
    t.save(file);
    Tuning read = Tuning.load(file);
    assertThat(read).isEqualTo(t);
    assertThat(List.copyOf(read.choices().get(0).nanoseconds().keySet()))
        .isEqualTo(List.copyOf(t.choices().get(0).nanoseconds().keySet()));
  }

  @Test
  void anotherMachineIsRefused() {
    Path file = dir.resolve("tuning.json");
    Tuning.Machine here = Tuning.Machine.here();
    var other = new Tuning.Machine("A Better One", here.isa(), here.threads() + 1, here.versions());
    var t = new Tuning(other, of("onednn").choices());
    t.save(file);
    assertThatThrownBy(() -> Tuning.load(file)).isExactlyInstanceOf(EinkornException.class)
        .hasMessageContaining("tuning.json was measured elsewhere: cpu 'A Better One', here '")
        .hasMessageContaining((here.threads() + 1) + " threads, here " + here.threads())
        .hasMessageNotContaining("isa");
    assertThat(Tuning.load(file, true)).isEqualTo(t);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("hand.json"), text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "\"algorithm\" : \"onednn\" | \"algorithm\" : \"magic\" | convolutions[0].algorithm: expected one of [whole, ",
    "\"conv2d_grad_input\"      | \"conv3d\"               | convolutions[1].operation: expected one of [conv2d, ",
    "\"kernel\" : [ 3, 3 ]      | \"kernel\" : [ 3 ]       | convolutions[0].kernel: expected 2 numbers, got [3]",
    "\"kernel\" : [ 3, 3 ]      | \"kernel\" : 3           | convolutions[0].kernel: expected a list, got 3",
    "\"stride\" : [ 1, 1 ]      | \"stride\" : [ 0, 1 ]    | convolutions[0]: number 7 of a convolution's shape is 0",
    "\"stride\" : [ 1, 1 ]      | \"stride\" : [ 1, 1.5 ]  | convolutions[0].stride: expected a whole number, got null",
    "\"stride\" : [ 1, 1 ]      | \"stride\" : [ 1, 9876543210 ] | convolutions[0].stride: expected an int",
    "\"pad\" : [ 1, 1, 1, 1 ]   | \"pad\" : [ 1, 1, -1, 1 ] | number 13 of a convolution's shape is -1",
    "\"kernel\" : [ 3, 3 ]      | \"kernel\" : [ 3, 15 ]   | a kernel of 3x15 does not fit into 10x12",
    "\"groups\" : [ 1 ]         | \"groups\" : [ 5 ]       | 5 groups do not divide 16 and 24 channels",
    "einkorn tuning 1           | einkorn tuning 9         | format: expected 'einkorn tuning 1', got einkorn tuning 9",
    "\"threads\"                | \"thread\"               | machine.threads: expected a whole number, got null",
    "\"onednn\" : 1             | \"onednn\" : true        | convolutions[0].nanoseconds.onednn: expected a whole",
    "\"machine\"                | \"format\"               | Duplicate field 'format'",
    "\"machine\" : {            | \"machine\" : [          | Unexpected",
  })
  void corruptFilesAreNamed(String from, String to, String message) throws IOException {
    Path good = dir.resolve("good.json");
    of("onednn").save(good);
    String text = Files.readString(good);
    assertThat(text).contains(from);
    Path bad = file(text.replace(from, to));
    assertThatThrownBy(() -> Tuning.load(bad)).isInstanceOf(FormatException.class)
        .hasMessageContaining("hand.json").hasMessageContaining(message);
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    Path good = dir.resolve("good.json");
    of("onednn").save(good);
    String text = Files.readString(good);
    for (int length = 0; length < text.length() - 1; length += 13) {
      Path bad = file(text.substring(0, length));
      assertThatThrownBy(() -> Tuning.load(bad)).isInstanceOf(FormatException.class);
    }
    Path more = file(text + "{}");
    assertThatThrownBy(() -> Tuning.load(more)).isInstanceOf(FormatException.class);
    Path deep = file("[".repeat(100000));
    assertThatThrownBy(() -> Tuning.load(deep)).isInstanceOf(FormatException.class);
    Path none = dir.resolve("none.json");
    assertThatThrownBy(() -> Tuning.load(none)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.json");
  }

  @Test
  void choicesAreChecked() {
    assertThatThrownBy(() -> new Tuning.Choice("conv2d", List.of(1, 2), "onednn", Map.of()))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("16 numbers");
    assertThatThrownBy(() -> new Tuning.Choice("relu", SHAPE, "onednn", Map.of()))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("got relu");
    var zeros = Collections.nCopies(16, 0);
    var t = new Tuning(Tuning.Machine.here(), List.of(new Tuning.Choice("conv2d", zeros, "onednn", Map.of())));
    assertThatThrownBy(t::apply).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("number 0");
  }
}
