package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.Einkorn;
import io.github.einkorn.EinkornException;
import io.github.einkorn.FormatException;
import io.github.einkorn.Random;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.BatchNorm1d;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.CosineAnnealingLR;
import io.github.einkorn.optim.LinearLR;
import io.github.einkorn.optim.NAdam;
import io.github.einkorn.optim.OneCycleLR;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.optim.Scheduler;
import io.github.einkorn.optim.SequentialLR;
import io.github.einkorn.optim.StepLR;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
  private static final int EPOCHS = 5, BATCHES = 4;

  @TempDir Path dir;

  private static DataLoader data() {
    var random = new java.util.Random(1);
    float[] x = new float[BATCHES * 8 * 6];
    long[] y = new long[BATCHES * 8];
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    for (int i = 0; i < y.length; i++) y[i] = random.nextInt(3);
    return new DataLoader(new TensorDataset(Tensor.of(x, y.length, 6), Tensor.of(y))).batchSize(8).shuffle(true);
  }

  /** What is trained: a net whose batches, dropout and running means all matter. */
  private static final class Run {
    final Sequential model = new Sequential(new Linear(6, 16), new BatchNorm1d(16), new ReLU(), new Dropout(0.5),
        new Linear(16, 3));
    final Optimizer optimizer;
    final Scheduler scheduler;

    Run(Function<List<Tensor>, Optimizer> optimizer, Function<Optimizer, Scheduler> scheduler) {
      this.optimizer = optimizer.apply(model.parameters());
      this.scheduler = scheduler.apply(this.optimizer);
    }

    void fit(int epochs, Callback... more) {
      var all = new ArrayList<Callback>();
      if (scheduler != null) all.add(new LearningRateScheduler(scheduler).perBatch(scheduler instanceof OneCycleLR));
      all.addAll(List.of(more));
      new Trainer(model).loss(new CrossEntropyLoss()).optimizer(optimizer).verbose(0)
          .callbacks(all.toArray(new Callback[0])).fit(data(), epochs);
    }

    Map<String, List<Float>> weights() {
      var all = new LinkedHashMap<String, List<Float>>();
      model.stateDict().forEach((name, t) -> {
        var values = new ArrayList<Float>();
        for (float v : t.to(DType.FLOAT32).toFloats()) values.add(v);
        all.put(name, values);
      });
      return all;
    }
  }

  private static Arguments row(String name, Function<List<Tensor>, Optimizer> optimizer,
      Function<Optimizer, Scheduler> scheduler) {
    return Arguments.of(name, optimizer, scheduler);
  }

  static Stream<Arguments> schedules() {
    return Stream.of(
        row("none", p -> new SGD(p, 0.1).momentum(0.9), o -> null),
        row("step", p -> new SGD(p, 0.1).momentum(0.9), o -> new StepLR(o, 1).gamma(0.7)),
        row("cosine", Adam::new, o -> new CosineAnnealingLR(o, EPOCHS)),
        row("warm-up", p -> new Adam(p, 0.01), o -> new SequentialLR(o, List.of(new LinearLR(o).totalIters(3),
            new CosineAnnealingLR(o, 3)), 3)),
        row("one cycle", p -> new SGD(p, 0.1).momentum(0.9), o -> new OneCycleLR(o, 0.1, EPOCHS * BATCHES)),
        row("one cycle of NAdam", NAdam::new, o -> new OneCycleLR(o, 0.01, EPOCHS * BATCHES)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("schedules")
  void goingOnIsBitwiseEqualToNeverHavingStopped(String name, Function<List<Tensor>, Optimizer> optimizer,
      Function<Optimizer, Scheduler> scheduler) {
    Einkorn.seed(1);
    var whole = new Run(optimizer, scheduler);
    whole.fit(EPOCHS);

    Einkorn.seed(1);
    var half = new Run(optimizer, scheduler);
    var save = new ModelCheckpoint(dir, "{epoch}.safetensors").saveWeightsOnly(false);
    half.fit(2, save);

    Einkorn.seed(99);
    var rest = new Run(optimizer, scheduler); // with other weights
    assertThat(rest.weights()).isNotEqualTo(half.weights());
    Checkpoint.load(save.lastPath(), rest.model, rest.optimizer, rest.scheduler);
    assertThat(rest.weights()).isEqualTo(half.weights());
    rest.fit(EPOCHS - 2);
    assertThat(rest.weights()).isEqualTo(whole.weights());
    assertThat(rest.optimizer.lr()).isEqualTo(whole.optimizer.lr());
    assertThat(rest.optimizer.steps()).isEqualTo(EPOCHS * BATCHES);
  }

  private static Run plain() {
    return new Run(p -> new SGD(p, 0.1), o -> new StepLR(o, 1));
  }

  @Test
  void aRateSetByHandIsKept() {
    var run = plain();
    run.optimizer.lr(0.03);
    Path file = dir.resolve("net.safetensors");
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    var other = plain();
    Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
    assertThat(other.optimizer.lr()).isEqualTo(0.03);
    assertThat(file).hasFileName("net.safetensors");
    assertThat(Checkpoint.optimizerPath(file)).exists().hasFileName("net.optimizer.safetensors");
    assertThat(Checkpoint.schedulerPath(Path.of("x", "net"))).isEqualTo(Path.of("x", "net.scheduler.safetensors"));
  }

  @Test
  void filesOfDifferentMomentsAreRefused() throws Exception {
    var run = plain();
    Path file = dir.resolve("net.safetensors"), old = dir.resolve("old");
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    Files.copy(Checkpoint.schedulerPath(file), old);
    run.fit(1);
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    Files.move(old, Checkpoint.schedulerPath(file), StandardCopyOption.REPLACE_EXISTING);
    var other = plain();
    var before = other.weights();
    long count = Random.count();
    assertThatThrownBy(() -> Checkpoint.load(file, other.model, other.optimizer, other.scheduler))
        .isInstanceOf(FormatException.class).hasMessageContaining("net.scheduler.safetensors were not saved together");
    assertThat(other.weights()).isEqualTo(before);
    assertThat(other.optimizer.steps()).isZero();
    assertThat(Random.count()).isEqualTo(count);
    Checkpoint.load(file, other.model, other.optimizer); // without the scheduler
    assertThat(other.weights()).isEqualTo(run.weights());
  }

  @Test
  void whatIsNoCheckpointIsRefused() throws Exception {
    var run = plain();
    Path file = dir.resolve("net.safetensors");
    run.model.save(file);
    assertThatThrownBy(() -> Checkpoint.load(file, run.model, run.optimizer)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("net.optimizer.safetensors");
    Files.copy(file, Checkpoint.optimizerPath(file));
    assertThatThrownBy(() -> Checkpoint.load(file, run.model, run.optimizer)).isInstanceOf(FormatException.class)
        .hasMessageContaining("is no checkpoint").hasMessageContaining("einkorn.seed");
    Checkpoint.save(file, run.model, run.optimizer);
    assertThatThrownBy(() -> Checkpoint.load(file, new Linear(1, 1), run.optimizer))
        .isInstanceOf(EinkornException.class);
    assertThatThrownBy(() -> Checkpoint.load(file, run.model, new Adam(new Linear(1, 1).parameters())))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void whatSetsTheRateComesBeforeWhatSavesIt() {
    var save = new ModelCheckpoint(dir, "{epoch}").saveWeightsOnly(false);
    var run = plain();
    var trainer = new Trainer(run.model).loss(new CrossEntropyLoss()).optimizer(run.optimizer).verbose(0);
    assertThatThrownBy(() -> trainer.callbacks(save, new LearningRateScheduler(run.scheduler)).fit(data(), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("LearningRateScheduler: it comes after a "
            + "ModelCheckpoint");
    assertThatThrownBy(() -> trainer.callbacks(save, new ReduceLROnPlateau("loss")).fit(data(), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("ReduceLROnPlateau: it comes after a ");
    trainer.callbacks(save.saveWeightsOnly(true), new ReduceLROnPlateau("loss")).fit(data(), 1);
    trainer.callbacks(save.saveWeightsOnly(false), new LearningRateScheduler(epoch -> 0.1)).fit(data(), 1);
  }

  @Test
  void aSaveThatEndedBeforeTheModelWasWrittenLeavesTheOlderOne() {
    var run = plain();
    Path file = dir.resolve("net.safetensors");
    run.fit(1);
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    var saved = run.weights();
    double rate = run.optimizer.lr();
    for (int attempt = 0; attempt < 2; attempt++) {
      run.fit(1);
      var cut = new Run(p -> run.optimizer, o -> run.scheduler); // whose model cannot be written
      cut.model.stateDict().get("1.running_mean").close();
      assertThatThrownBy(() -> Checkpoint.save(file, cut.model, run.optimizer, run.scheduler))
          .isInstanceOf(ClosedTensorException.class);
      var other = plain();
      Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
      assertThat(other.weights()).isEqualTo(saved);
      assertThat(other.optimizer.lr()).isEqualTo(rate);
      assertThat(other.optimizer.steps()).isEqualTo(BATCHES);
    }
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    var other = plain();
    Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
    assertThat(other.weights()).isEqualTo(run.weights());
    assertThat(dir).isDirectoryNotContaining(p -> p.toString().contains("previous"));
  }

  @Test
  void epochsCountOn() {
    var run = plain();
    var seen = new ArrayList<String>();
    var trainer = new Trainer(run.model).loss(new CrossEntropyLoss()).optimizer(run.optimizer).verbose(0)
        .callbacks(new ModelCheckpoint(dir, "{epoch}"), new LearningRateScheduler(epoch -> 1.0 / epoch),
            new LambdaCallback().onEpochEnd((t, epoch, logs) -> seen.add(epoch + " of " + t.epochs())));
    History history = trainer.initialEpoch(2).fit(data(), 4);
    assertThat(seen).containsExactly("3 of 4", "4 of 4");
    assertThat(history.epochs()).isEqualTo(2);
    assertThat(history.get("learning_rate")).containsExactly(1.0 / 3, 1.0 / 4);
    assertThat(dir.toFile().list()).containsExactlyInAnyOrder("3", "4");
    assertThatThrownBy(() -> trainer.fit(data(), 2)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Trainer: epochs must be at least 3, got 2");
    assertThatThrownBy(() -> trainer.initialEpoch(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void statesOfAnotherSaveAreNeverTaken() throws Exception {
    Path file = dir.resolve("net.safetensors"), before = dir.resolve("net.optimizer.previous.safetensors");
    var run = plain();
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    Files.copy(Checkpoint.optimizerPath(file), before); // as if it could not be deleted
    run.optimizer.lr(0.5); // as many steps and random numbers, so that it could be the same
    Checkpoint.save(file, run.model, run.optimizer, run.scheduler);
    var other = plain();
    Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
    assertThat(other.optimizer.lr()).isEqualTo(0.5);
    Files.writeString(before, "nothing");
    Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
    Files.delete(before);
    Files.createDirectories(before.resolve("folder")); // cannot be deleted, which does no harm after the save
    assertThatThrownBy(() -> Checkpoint.save(file, run.model, run.optimizer)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("previous");
    Checkpoint.load(file, other.model, other.optimizer, other.scheduler);
  }

  @Test
  void linksAndPermissionsOfStatesStay() throws Exception {
    Path file = dir.resolve("net.safetensors"), state = Checkpoint.optimizerPath(file), big = dir.resolve("big/o");
    Files.createDirectories(big.getParent());
    Files.createSymbolicLink(state, Path.of("big/o"));
    var run = plain();
    Checkpoint.save(file, run.model, run.optimizer);
    Files.setPosixFilePermissions(big, PosixFilePermissions.fromString("rw-------"));
    run.fit(1);
    Checkpoint.save(file, run.model, run.optimizer);
    assertThat(state).isSymbolicLink();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(big))).isEqualTo("rw-------");
    var other = plain();
    Checkpoint.load(file, other.model, other.optimizer);
    assertThat(other.optimizer.steps()).isEqualTo(BATCHES);
    assertThat(dir.toFile().list()).containsExactlyInAnyOrder("net.safetensors", "net.optimizer.safetensors", "big");
  }
}
