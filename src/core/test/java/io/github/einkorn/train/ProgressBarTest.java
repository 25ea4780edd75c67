package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.nn.Flatten;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final Screen PLAIN = new Screen(false, 80, false, true);
  private static final Screen WIDE = new Screen(true, 120, false, true);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nanos;

  private ProgressBar bar(Screen screen) {
    return new ProgressBar(new PrintStream(bytes, false, StandardCharsets.UTF_8), screen, () -> nanos);
  }

  private static Training training(boolean validated, List<String> names) {
    return new Training(new Flatten(), null, 5, 540, 54_000, validated, names);
  }

  private static Logs logs(double loss) {
    return new Logs().put("loss", loss).put("accuracy", 0.9781);
  }

  /** Begins epoch 2 and ends batches of 100 samples, each of which takes some milliseconds. */
  private Training play(ProgressBar bar, int batches, double millis) {
    Training t = training(true, List.of());
    bar.onTrainBegin(t);
    bar.onEpochBegin(t, 2);
    for (int b = 1; b <= batches; b++) {
      nanos += (long) (millis * 1e6);
      t.seen += 100;
      bar.onBatchEnd(t, b, logs(0.0712));
    }
    return t;
  }

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private List<String> redrawn() {
    String all = bytes.toString(StandardCharsets.UTF_8);
    return List.of(all.substring(all.startsWith("\r") ? 1 : 0).split("\r"));
  }

  @Test
  void redrawsOneLineOnATerminal() {
    var bar = bar(WIDE);
    Training t = play(bar, 341, 20);
    assertThat(redrawn().get(0))
        .isEqualTo("Epoch 2/5 ──────────────────── 0 % 100/54000 · 5000 images/s · loss 0.0712 · accuracy 0.9781"
            + " · 11 s left");
    assertThat(redrawn().get(redrawn().size() - 1))
        .isEqualTo("Epoch 2/5 ━━━━━━━━━━━━╸─────── 63 % 34100/54000 · 5000 images/s · loss 0.0712 · accuracy 0.9781"
            + " · 4 s left");
    assertThat(redrawn()).hasSize(1 + 340 / 5); // every 100 ms
    assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\n").doesNotContain("\u001b");
    int last = redrawn().get(redrawn().size() - 1).length();

    bytes.reset();
    nanos += 3_180_000_000L;
    t.seen = 54_000;
    bar.onEpochEnd(t, 2, logs(0.0701).put("val_loss", 0.051).put("val_accuracy", 0.9851));
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("\r" + " ".repeat(last) + "\r"
        + "Epoch 2/5 · 10 s · 7918 images/s · loss 0.0701 · accuracy 0.9781 · val_loss 0.0510 · val_accuracy 0.9851"
        + System.lineSeparator());
  }

  @Test
  void theLastBatchIsShownAndThenTheValidation() {
    play(bar(WIDE), 540, 0.01);
    assertThat(redrawn()).hasSize(2).last().asString()
        .isEqualTo("Epoch 2/5 ━━━━━━━━━━━━━━━━━━━━ 100 % 54000/54000 · 10000000 images/s · loss 0.0712"
            + " · accuracy 0.9781 · validating");
  }

  @Test
  void aShorterLineWipesTheRestOfTheLongerOne() {
    var bar = bar(WIDE);
    Training t = play(bar, 1, 200);
    int before = redrawn().get(0).length();
    bytes.reset();
    nanos += 200_000_000;
    bar.onBatchEnd(t, 2, new Logs().put("loss", 1));
    assertThat(redrawn().get(0)).hasSize(before).endsWith(" s left" + " ".repeat(" · accuracy 0.9781".length()));
  }

  @Test
  void fitsIntoNarrowTerminals() {
    String[] expected = {
      "100 Epoch 2/5 ━━━━━━──── 63 % 34100/54000 · 5000 images/s · loss 0.0712 · accuracy 0.9781 · 4 s left",
      "90 Epoch 2/5 ━━━━━━──── 63 % · 5000 images/s · loss 0.0712 · accuracy 0.9781 · 4 s left",
      "80 Epoch 2/5 ━━━── 63 % · 5000 images/s · loss 0.0712 · accuracy 0.9781 · 4 s left",
      "74 Epoch 2/5 63 % · 5000 images/s · loss 0.0712 · accuracy 0.9781 · 4 s left",
      "60 Epoch 2/5 63 % · loss 0.0712 · accuracy 0.9781 · 4 s left",
      "30 Epoch 2/5 63 % · loss 0.0712 ",
    };
    for (String line : expected) {
      bytes.reset();
      int columns = Integer.parseInt(line.substring(0, line.indexOf(' ')));
      play(bar(new Screen(true, columns, false, true)), 341, 20);
      String last = redrawn().get(redrawn().size() - 1);
      assertThat(last).isEqualTo(line.substring(line.indexOf(' ') + 1)).hasSizeLessThan(columns);
    }
  }

  @Test
  void printsPlainLinesElsewhere() {
    var bar = bar(PLAIN);
    Training t = play(bar, 540, 50); // 27 s
    nanos += 1_000_000_000;
    bar.onEpochEnd(t, 2, logs(0.06).put("val_loss", 0.051));
    bar.onTrainEnd(t);
    assertThat(lines()).containsExactly(
        "Epoch 2/5 37 % 20000/54000 · 2000 images/s · loss 0.0712 · accuracy 0.9781 · 17 s left",
        "Epoch 2/5 74 % 40000/54000 · 2000 images/s · loss 0.0712 · accuracy 0.9781 · 7 s left",
        "Epoch 2/5 · 28 s · 2000 images/s · loss 0.0600 · accuracy 0.9781 · val_loss 0.0510");
    assertThat(bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), ""))
        .doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void briefPrintsTheEpochsOnly() {
    var bar = bar(PLAIN).brief(true);
    Training t = play(bar, 540, 200);
    bar.onEpochEnd(t, 2, logs(1e-5));
    assertThat(lines()).containsExactly("Epoch 2/5 · 1 min 48 s · 500 images/s · loss 1.0000e-05 · accuracy 0.9781");
  }

  @Test
  void othersSpeakInWholeLines() {
    var bar = bar(WIDE);
    Training t = play(bar, 1, 200);
    int shown = redrawn().get(0).length();
    bytes.reset();
    t.say("Batch 1: hello");
    bar.onTrainEnd(t);
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo("\r" + " ".repeat(shown) + "\rBatch 1: hello" + System.lineSeparator());
  }

  @Test
  void aFailureBeginsOnALineOfItsOwn() {
    var bar = bar(WIDE);
    Training t = play(bar, 1, 200);
    bar.onTrainEnd(t);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).endsWith("left" + System.lineSeparator());
  }

  @Test
  void fallsBackToAsciiAndColoursTheBarAlone() {
    play(bar(new Screen(true, 120, true, false)), 341, 20);
    assertThat(redrawn().get(redrawn().size() - 1)).isEqualTo(
        "Epoch 2/5 ============>....... 63 % 34100/54000 - 5000 images/s - loss 0.0712 - accuracy 0.9781 - 4 s left");
    bytes.reset();
    play(bar(new Screen(true, 120, true, true)), 341, 20);
    assertThat(redrawn().get(redrawn().size() - 1))
        .startsWith("Epoch 2/5 \u001b[36m━━━━━━━━━━━━╸\u001b[0m\u001b[2m───────\u001b[0m 63 % ");
  }

  @Test
  void theEnvironmentIsHonoured() {
    Charset utf8 = StandardCharsets.UTF_8;
    assertThat(Screen.of(true, Map.of(), utf8)).isEqualTo(new Screen(true, 80, true, true));
    assertThat(Screen.of(true, Map.of("COLUMNS", "132", "NO_COLOR", "1"), utf8))
        .isEqualTo(new Screen(true, 132, false, true));
    assertThat(Screen.of(true, Map.of("TERM", "dumb", "COLUMNS", "x"), utf8))
        .isEqualTo(new Screen(false, 80, false, true));
    assertThat(Screen.of(false, Map.of("TERM", "xterm"), utf8)).isEqualTo(new Screen(false, 80, false, true));
    assertThat(Screen.of(true, Map.of("NO_COLOR", "", "COLUMNS", "3"), StandardCharsets.ISO_8859_1))
        .isEqualTo(new Screen(true, 80, true, false));
    assertThat(Screen.of(new PrintStream(bytes)).live()).isFalse();
  }

  @Test
  void barsFillFromTheLeft() {
    assertThat(WIDE.bar(0, 4)).isEqualTo("────");
    assertThat(WIDE.bar(0.125, 4)).isEqualTo("╸───");
    assertThat(WIDE.bar(0.5, 4)).isEqualTo("━━──");
    assertThat(WIDE.bar(0.99, 4)).isEqualTo("━━━╸");
    assertThat(WIDE.bar(1, 4)).isEqualTo("━━━━");
    var ascii = new Screen(true, 80, false, false);
    assertThat(ascii.bar(0, 4)).isEqualTo(">...");
    assertThat(ascii.bar(0.99, 4)).isEqualTo("===>");
    assertThat(ascii.bar(1, 4)).isEqualTo("====");
  }

  @Test
  void figuresAreShort() {
    assertThat(List.of(Text.number(0), Text.number(0.001), Text.number(-0.00099), Text.number(12345.678),
        Text.number(2e6), Text.number(Double.NaN), Text.rate(8.25), Text.rate(123.4), Text.duration(9.94, true),
        Text.duration(9.96, true), Text.duration(59.6, false), Text.duration(3725, false)))
        .containsExactly("0.0000", "0.0010", "-9.9000e-04", "12345.6780", "2.0000e+06", "NaN", "8.3", "123", "9.9 s",
            "10 s", "1 min 0 s", "1 h 2 min");
  }
}
