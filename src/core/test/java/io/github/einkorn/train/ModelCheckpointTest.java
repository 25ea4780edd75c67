package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.io.Safetensors;
import io.github.einkorn.optim.Adam;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCheckpointTest {
  @TempDir Path dir;

  private List<String> files() throws IOException {
    try (var all = Files.list(dir)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest // right column: what Python's str.format gives for epoch=7, loss=0.07126, mae=1234.5
  @CsvSource({
    "best.{epoch:03d}-{loss:.4f}.safetensors, best.007-0.0713.safetensors",
    "{epoch}, 7",
    "{epoch:d}x{epoch:2d}, 7x 7",
    "{epoch:02}, 07",
    "{epoch:02}-{batch:04d} {batch}, 07-0012 12",
    "{mae:.1f}_{mae:010.2f}_{mae:9.3f}, 1234.5_0001234.50_ 1234.500",
    "{loss:.2e} {loss:e} {loss:f}, 7.13e-02 7.126000e-02 0.071260",
    "{loss} {mae}, 0.07126 1234.5",
    "a/b{{{epoch}}}.st, a/b{7}.st",
  })
  void templatesAreFormattedAsInPython(String template, String expected) {
    assertThat(new Template("X", template).name(7, 12, Map.of("loss", 0.07126, "mae", 1234.5))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "{epoch:.3d}", "{epoch:s}", "{loss:03d}", "{loss:.4}", "{loss:x}", "{loss:%s}", "{loss", "loss}", "{}", "{:d}",
    "{{epoch}", "{loss:.400f}", "{loss:1000f}", "", " ", "../{epoch}", "a/../../b", "/etc/{epoch}", "folder/", "./.",
    ".."
  })
  void badTemplatesAreRefusedAtOnce(String template) {
    assertThatThrownBy(() -> new ModelCheckpoint(dir, template)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ModelCheckpoint: template \"" + template + "\": ");
  }

  @Test
  void aFieldThatNothingProducesIsNamedBeforeTraining() throws IOException {
    var save = new ModelCheckpoint(dir, "{val_los:.4f}");
    assertThatThrownBy(() -> new Script("val_loss", "loss").play(save, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("nothing produces {val_los}; there are epoch, val_loss, loss");
    var best = new ModelCheckpoint(dir, "{epoch}").saveBestOnly(true);
    assertThatThrownBy(() -> new Script("loss").play(best, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"val_loss\"").hasMessageContaining("[loss]");
    assertThat(files()).isEmpty();
  }

  @Test
  void aFieldThatOnlyALaterCallbackAddsIsNamed() {
    var save = new ModelCheckpoint(dir, "{late}");
    var script = new Script("loss", "late");
    assertThatThrownBy(() -> script.play(save, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ModelCheckpoint: template \"{late}\": the logs have no {late}, only [loss]: a callback that adds"
            + " it must come first");
  }

  @Test
  void savesEveryEpochAndKnowsTheBest() throws IOException {
    var save = new ModelCheckpoint(dir.resolve("."), "{epoch}-{val_loss:.1f}.safetensors");
    var script = new Script("val_loss");
    script.play(save, 3, 1, 2);
    assertThat(files()).containsExactly("1-3.0.safetensors", "2-1.0.safetensors", "3-2.0.safetensors");
    assertThat(save.lastPath()).isEqualTo(dir.resolve("3-2.0.safetensors"));
    assertThat(save.bestPath()).isEqualTo(dir.resolve("2-1.0.safetensors"));
    script.model.load(save.bestPath());
    assertThat(script.model.w.item()).isEqualTo(2);
    assertThat(script.said).isEmpty();
  }

  @Test
  void aFileThatALaterEpochOverwroteIsNotTheBest() {
    var save = new ModelCheckpoint(dir, "model.safetensors");
    new Script("val_loss").play(save, 3, 1);
    assertThat(save.bestPath()).isEqualTo(dir.resolve("model.safetensors"));
    new Script("val_loss").play(save, 2);
    assertThat(save.bestPath()).isNull();
    assertThat(save.lastPath()).isEqualTo(dir.resolve("model.safetensors"));
    new Script("val_loss").play(save, 0.5);
    assertThat(save.bestPath()).isEqualTo(dir.resolve("model.safetensors"));
  }

  @Test
  void withoutTheMonitoredNumberEveryEpochIsSaved() throws IOException {
    new Script("loss").play(new ModelCheckpoint(dir, "{epoch}"), 3, 1);
    assertThat(files()).containsExactly("1", "2");
  }

  @Test
  void savesOnlyWhatIsBetter() throws IOException {
    var save = new ModelCheckpoint(dir, "{epoch}").saveBestOnly(true).verbose(true);
    var script = new Script("val_loss");
    script.play(save, 3, 3, 2, Double.NaN);
    assertThat(files()).containsExactly("1", "3");
    assertThat(script.said).containsExactly(
        "Epoch 1: val_loss improved from Infinity to 3.0000, saving model to " + dir.resolve("1"),
        "Epoch 2: val_loss did not improve from 3.0000",
        "Epoch 3: val_loss improved from 3.0000 to 2.0000, saving model to " + dir.resolve("3"),
        "Epoch 4: val_loss did not improve from 2.0000");
    new Script("val_loss").play(save, 2.5, 1.5); // the best is remembered, as in Keras
    assertThat(save.bestPath()).isEqualTo(dir.resolve("2"));
  }

  @Test
  void anAccuracyIsBetterWhenLarger() throws IOException {
    var save = new ModelCheckpoint(dir, "{val_accuracy:.2f}").monitor("val_accuracy").saveBestOnly(true);
    new Script("val_accuracy").play(save, 0.5, 0.4, 0.6);
    assertThat(files()).containsExactly("0.50", "0.60");
    var least = new ModelCheckpoint(dir, "least{epoch}").monitor("val_accuracy").mode("min").saveBestOnly(true);
    new Script("val_accuracy").play(least, 0.5, 0.4, 0.6);
    assertThat(least.bestPath()).hasFileName("least2");
  }

  @Test
  void theOptimizerGoesIntoAFileBesideTheModel() throws IOException {
    var script = new Script("loss");
    script.model.w.square().sum().backward();
    script.optimizer.momentum(0.5).step();
    script.optimizer.lr(0.125);
    var save = new ModelCheckpoint(dir, "m{epoch}.safetensors").saveWeightsOnly(false);
    script.play(save, 1);
    assertThat(files()).containsExactly("m1.optimizer.safetensors", "m1.safetensors");
    var state = Safetensors.read(Checkpoint.optimizerPath(save.lastPath()));
    var other = new Script("loss");
    other.model.load(save.lastPath());
    other.optimizer.momentum(0.5).load(state);
    assertThat(other.optimizer.lr()).isEqualTo(0.125);
    assertThat(other.optimizer.steps()).isEqualTo(1);
    assertThatThrownBy(() -> new Adam(other.model.parameters()).load(state))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("exp_avg");
  }

  @Test
  void aFolderThatCannotBeMadeIsNoticedBeforeTraining() throws IOException {
    Path file = Files.writeString(dir.resolve("taken"), "x");
    var save = new ModelCheckpoint(file.resolve("models"), "{epoch}");
    assertThatThrownBy(() -> new Script("loss").play(save, 1)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("taken");
  }

  @Test
  void savesAfterANumberOfBatchesOfAllEpochs() throws IOException {
    var save = new ModelCheckpoint(dir, "{epoch}-{batch:02d}-{loss:.0f}").saveFreq(3).verbose(true);
    var script = new Script("loss");
    script.training.batchNames(List.of("loss"));
    save.onTrainBegin(script.training);
    for (int epoch = 1; epoch <= 2; epoch++) {
      save.onEpochBegin(script.training, epoch);
      for (int b = 1; b <= 4; b++) save.onBatchEnd(script.training, b, new Logs().put("loss", 10 * epoch + b));
      save.onEpochEnd(script.training, epoch, new Logs().put("loss", 0));
    }
    assertThat(files()).containsExactly("1-03-13", "2-02-22");
    assertThat(script.said).containsExactly("Epoch 1, batch 3: saving model to " + dir.resolve("1-03-13"),
        "Epoch 2, batch 2: saving model to " + dir.resolve("2-02-22"));
  }

  @Test
  void afterBatchesThereIsNoValidation() {
    var script = new Script("val_loss", "loss");
    script.training.batchNames(List.of("loss"));
    var template = new ModelCheckpoint(dir, "{val_loss}").saveFreq(1);
    assertThatThrownBy(() -> template.onTrainBegin(script.training)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("nothing produces {val_loss}; there are epoch, batch, loss");
    var best = new ModelCheckpoint(dir, "x").saveFreq(1).saveBestOnly(true);
    assertThatThrownBy(() -> best.onTrainBegin(script.training)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ModelCheckpoint: no batch has \"val_loss\"; there are [loss]");
    assertThatThrownBy(() -> new Script("loss").play(new ModelCheckpoint(dir, "{batch}"), 1))
        .hasMessageContaining("nothing produces {batch}");
    assertThatThrownBy(() -> best.saveFreq(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aThresholdIsToBeBeatenFirst() throws IOException {
    var save = new ModelCheckpoint(dir, "{epoch}").saveBestOnly(true).initialValueThreshold(2);
    new Script("val_loss").play(save, 3, 2, 1.5, 1.8);
    assertThat(files()).containsExactly("3");
    assertThatThrownBy(() -> save.initialValueThreshold(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }
}
