package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.optim.ExponentialLR;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expected sequences follow from the documentation and source of Keras's callbacks of the same names. */
class CallbacksTest {
  private static final double NAN = Double.NaN;

  private static void assertRates(List<Double> actual, double... expected) {
    assertThat(actual.stream().mapToDouble(d -> d).toArray()).containsExactly(expected, within(1e-12));
  }

  // ---- ReduceLROnPlateau ----

  @Test
  void reducesAfterPatienceEpochsWithoutImprovement() {
    var script = new Script("val_loss");
    var rates = script.play(new ReduceLROnPlateau("val_loss").patience(2), 1, 1, 1, 1, 1, 0.5, 0.6, 0.4);
    assertRates(rates, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01);
    assertRates(script.logs.stream().map(l -> l.get("learning_rate")).toList(), 1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.01);
    assertThat(script.said).isEmpty();
  }

  @Test
  void waitsUntilTheCooldownIsOver() {
    var reduce = new ReduceLROnPlateau("loss").factor(0.5).patience(1).cooldown(2).verbose(true);
    var script = new Script("loss");
    assertRates(script.play(reduce, 1, 1, 1, 1, 1, 1), 1, 0.5, 0.5, 0.25, 0.25, 0.125);
    assertThat(script.said).startsWith("Epoch 2: ReduceLROnPlateau reducing learning rate to 0.5000");
  }

  @Test
  void doesNotGoBelowTheLeastRate() {
    var reduce = new ReduceLROnPlateau("loss").patience(1).minLr(0.05);
    assertRates(new Script("loss").play(reduce, 1, 1, 1, 1), 1, 0.1, 0.05, 0.05);
  }

  @Test
  void smallImprovementsDoNotCount() {
    double[] slow = {1, 0.99995, 0.9999, 0.9998};
    assertRates(new Script("loss").play(new ReduceLROnPlateau("loss").patience(2), slow), 1, 1, 0.1, 0.1);
    assertRates(new Script("loss").play(new ReduceLROnPlateau("loss").patience(2).minDelta(0), slow), 1, 1, 1, 1);
  }

  @Test
  void modeFollowsTheNameOrIsGiven() {
    double[] growing = {0.1, 0.2, 0.3, 0.4};
    assertRates(new Script("accuracy").play(new ReduceLROnPlateau("accuracy").patience(1), growing), 1, 1, 1, 1);
    assertRates(new Script("loss").play(new ReduceLROnPlateau("loss").patience(1).mode("max"), growing), 1, 1, 1, 1);
    assertRates(new Script("val_accuracy").play(new ReduceLROnPlateau("val_accuracy").mode("min").patience(2), growing),
        1, 1, 0.1, 0.1);
  }

  @Test
  void aSecondTrainingBeginsAnew() {
    var reduce = new ReduceLROnPlateau("loss").patience(2);
    assertRates(new Script("loss").play(reduce, 0.1, 0.2), 1, 1);
    assertRates(new Script("loss").play(reduce, 1, 1), 1, 1);
  }

  // ---- EarlyStopping ----

  @Test
  void stopsAfterPatienceEpochsWithoutImprovement() {
    var stop = new EarlyStopping("val_loss").patience(2).verbose(true);
    var script = new Script("val_loss");
    assertThat(script.play(stop, 3, 2, 2.5, 2, 1, 0)).hasSize(4);
    assertThat(stop.bestEpoch()).isEqualTo(2);
    assertThat(stop.stoppedEpoch()).isEqualTo(4);
    assertThat(script.training.stopReason()).isEqualTo("val_loss has not improved since epoch 2");
    assertThat(script.said).containsExactly("Epoch 4: early stopping");
    assertThat(script.model.w.item()).isEqualTo(4);
  }

  @Test
  void withoutPatienceStopsAtTheFirstEpochThatIsNoBetter() {
    assertThat(new Script("loss").play(new EarlyStopping("loss"), 3, 2, 2, 1)).hasSize(3);
    assertThat(new Script("loss").play(new EarlyStopping("loss").minDelta(0.5), 3, 2.6, 1)).hasSize(2);
    assertThat(new Script("auc").play(new EarlyStopping("auc"), 0.5, 0.6, 0.6)).hasSize(3);
  }

  @Test
  void restoresTheWeightsOfTheBestEpoch() {
    var script = new Script("loss");
    var stop = new EarlyStopping("loss").patience(2).restoreBestWeights(true).verbose(true);
    assertThat(script.play(stop, 3, 1, 2, 2, 2)).hasSize(4);
    assertThat(script.model.w.item()).isEqualTo(2);
    assertThat(script.said)
        .containsExactly("Epoch 4: early stopping", "Restoring model weights from the end of the best epoch: 2");
    var toTheEnd = new Script("loss");
    assertThat(toTheEnd.play(stop, 2, 1, 3)).hasSize(3);
    assertThat(toTheEnd.model.w.item()).isEqualTo(2);
    assertThat(stop.stoppedEpoch()).isZero();
  }

  @Test
  void aBaselineMustBeBeatenForThePatienceToBeginAnew() {
    var stop = new EarlyStopping("loss").patience(3).baseline(1);
    assertThat(new Script("loss").play(stop, 5, 4, 3, 2, 1.5)).hasSize(5); // each is better: it does not stop there
    assertThat(new Script("loss").play(stop, 5, 4, 3, 3.5, 0)).hasSize(4);
    assertThat(new Script("loss").play(stop, 5, 4, 0.5, 3, 3, 0.4)).hasSize(6);
  }

  @Test
  void nanIsNeverBetter() {
    assertThat(new Script("loss").play(new EarlyStopping("loss").patience(1), NAN, NAN, 1)).hasSize(2);
    var stop = new EarlyStopping("loss").patience(2);
    assertThat(new Script("loss").play(stop, NAN, 2, NAN, 1)).hasSize(4);
    assertThat(stop.bestEpoch()).isEqualTo(4);
  }

  @Test
  void earlyEpochsAreNotLookedAt() {
    var stop = new EarlyStopping("loss").startFromEpoch(3).restoreBestWeights(true);
    var script = new Script("loss");
    assertThat(script.play(stop, 0, 1, 2, 9, 8, 8, 1)).hasSize(6);
    assertThat(stop.bestEpoch()).isEqualTo(5);
    assertThat(script.model.w.item()).isEqualTo(5);
    assertThat(new Script("loss").play(new EarlyStopping("loss").startFromEpoch(5), 1, 1, 1)).hasSize(3);
  }

  // ---- TerminateOnNaN, Monitor, Logs ----

  @Test
  void stopsAtABatchWithAnInvalidLoss() {
    for (double bad : new double[] {NAN, Double.POSITIVE_INFINITY}) {
      var script = new Script("loss");
      var terminate = new TerminateOnNaN();
      terminate.onBatchEnd(script.training, 1, new Logs().put("loss", 1e30));
      assertThat(script.training.isStopping()).isFalse();
      terminate.onBatchEnd(script.training, 2, new Logs().put("loss", bad));
      assertThat(script.training.stopReason()).isEqualTo("the loss became " + bad + " in batch 2");
      assertThat(script.said).containsExactly("Batch 2: invalid loss " + bad + ", terminating training");
    }
  }

  @Test
  void autoModeKnowsWhatGrows() {
    var growing = Stream.of("accuracy", "val_acc", "auc", "val_fmeasure", "precision", "val_recall", "auc_1", "acc5",
        "val_digit_sparse_top_k_categorical_accuracy", "f1_score", "val_f1score", "digit_top5_accuracy");
    assertThat(growing).allMatch(n -> new Monitor("X", n).better(2, 1));
    assertThat(Stream.of("loss", "val_loss", "mae", "val_acceleration_loss", "acceleration_mae", "vacuum_error",
        "val_accuracy_loss", "recall_loss", "half1_mae", "track_precisionless"))
        .noneMatch(n -> new Monitor("X", n).better(2, 1));
  }

  @Test
  void aMonitorThatNothingProducesIsNamedBeforeTraining() {
    Stream.<Callback>of(new ReduceLROnPlateau("val_loss"), new EarlyStopping("val_loss")).forEach(c ->
        assertThatThrownBy(() -> new Script("loss", "accuracy").play(c, 1)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage(c.getClass().getSimpleName() + ": nothing produces \"val_loss\"; there are [loss, accuracy]"
                + " (fit was given no validation data)"));
    assertThatThrownBy(() -> new Logs().put("loss", 1).get("los")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"los\"").hasMessageContaining("[loss]");
  }

  @Test
  void badOptionsAreRefused() {
    var reduce = new ReduceLROnPlateau("loss");
    var stop = new EarlyStopping("loss");
    Stream.<Runnable>of(
        () -> reduce.factor(1), () -> reduce.factor(0), () -> reduce.factor(NAN), () -> reduce.patience(-1),
        () -> reduce.cooldown(-1), () -> reduce.minLr(NAN), () -> reduce.minDelta(-1), () -> reduce.mode("best"),
        () -> stop.patience(-1), () -> stop.minDelta(NAN), () -> stop.mode(""), () -> stop.baseline(NAN),
        () -> stop.startFromEpoch(-1))
        .forEach(r -> assertThatThrownBy(r::run).isInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void historyPrintsWell() {
    var history = new History();
    history.add(new Logs().put("loss", 0.21711234567).put("val_loss", 1.0 / 3));
    history.add(new Logs().put("loss", 0.00001234567).put("val_loss", NAN));
    assertThat("val_loss " + history.get("val_loss")).isEqualTo("val_loss [0.3333, NaN]");
    assertThat(history.get("loss")).containsExactly(0.21711234567, 0.00001234567);
    assertThat(history.toString()).isEqualTo("2 epochs, loss [0.2171, 1.2346e-05], val_loss [0.3333, NaN]");
    assertThat(history.keys()).containsExactly("loss", "val_loss");
    assertThat(history.get("loss").stream().min(Comparator.naturalOrder())).contains(0.00001234567);
    assertThatThrownBy(() -> history.get("accuracy")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[loss, val_loss]");
    assertThatThrownBy(() -> history.get("loss").add(1.0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void anEpochWithoutANumberHasNaN() {
    var history = new History();
    double[] late = {NAN, 2, NAN, 4, NAN};
    for (int epoch = 1; epoch <= 5; epoch++) {
      var logs = new Logs().put("loss", epoch);
      history.add(epoch % 2 == 0 ? logs.put("late", epoch) : logs);
    }
    assertThat(history.get("late").stream().mapToDouble(d -> d).toArray()).containsExactly(late);
    assertThat(history.get("loss")).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0);
  }

  // ---- LearningRateScheduler ----

  @Test
  void schedulesTheRateOfEachEpoch() {
    assertRates(new Script("loss").play(new LearningRateScheduler(epoch -> 1.0 / epoch), 1, 1, 1), 1, 0.5, 1.0 / 3);
    assertThatThrownBy(() -> new Script("loss").play(new LearningRateScheduler(epoch -> NAN), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSchedulerStepsAfterEachEpoch() {
    var script = new Script("loss");
    var rates = script.play(new LearningRateScheduler(new ExponentialLR(script.optimizer, 0.5)), 1, 1, 1);
    assertRates(rates, 0.5, 0.25, 0.125); // those of the next epochs
    assertRates(script.logs.stream().map(l -> l.get("learning_rate")).toList(), 1, 0.5, 0.25);
    var other = new LearningRateScheduler(new ExponentialLR(new Script("x").optimizer, 0.5));
    assertThatThrownBy(() -> new Script("loss").play(other, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another optimizer");
    assertThatThrownBy(() -> new LearningRateScheduler(epoch -> 1).perBatch(true))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("LambdaLR");
  }

  // ---- CSVLogger ----

  @Test
  void writesALinePerEpoch(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("logs/run.csv");
    new Script("loss", "val_loss").play(new CSVLogger(file), 0.5, NAN);
    assertThat(file).hasContent("epoch,loss,val_loss\n1,0.5,NA\n2,NaN,NA\n");
    new Script("loss", "val_loss").play(new CSVLogger(file).append(true), 0.25);
    assertThat(file).hasContent("epoch,loss,val_loss\n1,0.5,NA\n2,NaN,NA\n1,0.25,NA\n");
    assertThatThrownBy(() -> new Script("loss").play(new CSVLogger(file).append(true), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("epoch,loss,val_loss");
    new Script("loss;\"x\"").play(new CSVLogger(file).separator(';'), 1);
    assertThat(file).hasContent("epoch;\"loss;\"\"x\"\"\"\n1;1.0\n");
    new Script("loss").play(new CSVLogger(dir.resolve("new.csv")).append(true), 1);
    assertThat(dir.resolve("new.csv")).hasContent("epoch,loss\n1,1.0\n");
  }

  @Test
  void whatIsAppendedBeginsALine(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("run.csv"), "epoch,loss\n1,0.5");
    new Script("loss").play(new CSVLogger(file).append(true), 0.25);
    assertThat(Files.readString(file)).isEqualTo("epoch,loss\n1,0.5\n1,0.25\n");
    Files.writeString(file, "epoch,loss");
    new Script("loss").play(new CSVLogger(file).append(true), 0.25);
    assertThat(Files.readString(file)).isEqualTo("epoch,loss\n1,0.25\n");
  }

  @Test
  void aLineIsThereWhenItsEpochHasEnded(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("run.csv");
    var log = new CSVLogger(file);
    var script = new Script("loss");
    log.onTrainBegin(script.training);
    log.onEpochEnd(script.training, 1, new Logs().put("loss", 2));
    assertThat(file).hasContent("epoch,loss\n1,2.0\n");
    log.onTrainEnd(script.training);
    log.onTrainEnd(script.training);
    assertThatThrownBy(() -> new Script("loss").play(new CSVLogger(dir), 1)).isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write");
    for (char bad : new char[] {'"', '.', '1', 'e', '\n'}) {
      assertThatThrownBy(() -> log.separator(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- LambdaCallback ----

  @Test
  void lambdasAreCalledAtTheirMoments() {
    var said = new ArrayList<String>();
    var all = new LambdaCallback().onTrainBegin(t -> said.add("begin")).onTrainEnd(t -> said.add("end"))
        .onEpochBegin((t, n) -> said.add("epoch " + n))
        .onEpochEnd((t, n, logs) -> said.add("epoch end " + n + " " + logs))
        .onBatchBegin((t, n) -> said.add("batch " + n)).onBatchEnd((t, n, logs) -> said.add("batch end " + n));
    new Script("loss").play(all, 5);
    all.onBatchBegin(null, 3);
    all.onBatchEnd(null, 3, null);
    assertThat(said).containsExactly("begin", "epoch 1", "epoch end 1 {loss=5.0}", "end", "batch 3", "batch end 3");
    new Script("loss").play(new LambdaCallback(), 1); // does nothing
    assertThatThrownBy(() -> all.onEpochEnd(null)).isInstanceOf(NullPointerException.class);
  }
}
