package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Einkorn;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
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
import io.github.einkorn.optim.SGD;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final int SAMPLES = 250;

  /** Two classes around (1, -1, 0) and (-1, 1, 0), deviation 0.7. */
  private static TensorDataset blobs(long seed) {
    var random = new Random(seed);
    float[] x = new float[3 * SAMPLES];
    long[] y = new long[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      y[i] = i % 2;
      float side = 1 - 2 * y[i];
      float[] center = {side, -side, 0};
      for (int k = 0; k < 3; k++) x[3 * i + k] = center[k] + (float) (0.7 * random.nextGaussian());
    }
    return new TensorDataset(Tensor.of(x, SAMPLES, 3), Tensor.of(y));
  }

  /** Without background threads, whose batches would come and go while another test looks at the memory. */
  private static DataLoader train() {
    return new DataLoader(blobs(1)).batchSize(32).shuffle(true).prefetch(0);
  }

  private static DataLoader valid() {
    return new DataLoader(blobs(2)).batchSize(100).prefetch(0);
  }

  private static Sequential net() {
    return new Sequential(new Linear(3, 16), new BatchNorm1d(16), new ReLU(), new Dropout(0.2), new Linear(16, 2));
  }

  private static Trainer trainer(Sequential model) {
    return new Trainer(model).loss(new CrossEntropyLoss()).optimizer(new Adam(model.parameters(), 0.01))
        .metrics(new Accuracy()).verbose(0);
  }

  /** Writes down what happens. */
  private static final class Diary implements Callback {
    final List<String> entries = new ArrayList<>();
    String failAt = "";

    private void note(String entry) {
      entries.add(entry);
      if (entry.equals(failAt)) throw new UnsupportedOperationException("failed at " + entry);
    }

    @Override
    public void onTrainBegin(Training t) {
      note("begin");
    }

    @Override
    public void onTrainEnd(Training t) {
      note("end");
    }

    @Override
    public void onEpochBegin(Training t, int epoch) {
      note("epoch " + epoch);
    }

    @Override
    public void onEpochEnd(Training t, int epoch, Logs logs) {
      note("epoch end " + epoch + " " + logs.asMap().keySet() + " seen " + t.seen());
    }

    @Override
    public void onBatchBegin(Training t, int batch) {
      note("batch " + batch);
    }

    @Override
    public void onBatchEnd(Training t, int batch, Logs logs) {
      note("batch end " + batch + (t.model().isTraining() ? "" : " in evaluation mode"));
    }
  }

  @Test
  void learnsToTellTwoClassesApart() {
    Einkorn.seed(7);
    var model = net();
    var trainer = trainer(model);
    History history = trainer.fit(train(), valid(), 8);
    assertThat(history.epochs()).isEqualTo(8);
    assertThat(history.keys()).containsExactly("loss", "accuracy", "val_loss", "val_accuracy");
    assertThat(history.get("val_accuracy").get(7)).isGreaterThan(0.95);
    assertThat(history.get("loss").get(7)).isLessThan(history.get("loss").get(0));
    assertThat(history.stopReason()).isEmpty();
    var result = trainer.evaluate(valid());
    assertThat(result).containsOnlyKeys("loss", "accuracy");
    assertThat(result.get("loss")).isEqualTo(history.get("val_loss").get(7));
    assertThat(result.get("accuracy")).isEqualTo(history.get("val_accuracy").get(7));
  }

  @Test
  void evaluationAveragesBySamplesNotByBatches() {
    var model = net();
    model.eval();
    var all = blobs(2).batch(IntStream.range(0, SAMPLES).toArray());
    double whole;
    try (var scope = new Scope(); var off = new NoGrad()) {
      whole = new CrossEntropyLoss().forward(model.forward(all.x()), all.y()).item();
    }
    for (int size : new int[] {1, 7, 100, 249, 250}) {
      var result = trainer(model).evaluate(new DataLoader(blobs(2)).batchSize(size));
      assertThat(result.get("loss")).isCloseTo(whole, within(1e-5));
    }
    assertThat(new Trainer(model).metrics(new Accuracy()).evaluate(valid())).containsOnlyKeys("accuracy");
  }

  @Test
  void predictionsComeInTheOrderOfTheData() {
    var model = net();
    var trainer = trainer(model);
    Tensor all = blobs(2).batch(IntStream.range(0, SAMPLES).toArray()).x();
    Tensor once = trainer.predict(all), batched = trainer.predict(new DataLoader(blobs(2)).batchSize(33));
    assertThat(batched.shape()).hasToString("(250, 2)");
    assertThat(batched.toFloats()).containsExactly(once.toFloats(), within(1e-5f));
    assertThat(once.requiresGrad()).isFalse();
    assertThat(model.isTraining()).isTrue();
  }

  private static List<List<Double>> seeded(int prefetch) {
    Einkorn.seed(11);
    History h = trainer(net()).fit(train().prefetch(prefetch), valid().prefetch(prefetch), 3);
    return List.of(h.get("loss"), h.get("accuracy"), h.get("val_loss"));
  }

  @Test
  void sameSeedSameNumbersWithBatchesMadeAheadOrNot() {
    assertThat(seeded(2)).isEqualTo(seeded(0));
  }

  @Test
  void callbacksAreCalledInOrder() {
    var diary = new Diary();
    var loader = new DataLoader(blobs(1)).batchSize(125);
    trainer(net()).callbacks(diary).fit(loader, valid(), 2);
    List<String> expected = new ArrayList<>(List.of("begin"));
    for (int e = 1; e <= 2; e++) {
      expected.addAll(List.of("epoch " + e, "batch 1", "batch end 1", "batch 2", "batch end 2",
          "epoch end " + e + " [loss, accuracy, val_loss, val_accuracy] seen 250"));
    }
    expected.add("end");
    assertThat(diary.entries).isEqualTo(expected);
  }

  @Test
  void whatCallbacksAddIsInTheHistory() {
    History h = trainer(net()).callbacks(new ReduceLROnPlateau("loss").patience(0)).fit(train(), 2);
    assertThat(h.get("learning_rate")).startsWith(0.01);
    assertThat(h.keys()).containsExactly("loss", "accuracy", "learning_rate");
  }

  @Test
  void stoppingEndsTheEpochAfterTheBatch() {
    var diary = new Diary();
    Callback stop = new Callback() {
      @Override
      public void onBatchEnd(Training training, int batch, Logs logs) {
        if (batch == 2) training.stop("enough");
      }
    };
    History h = trainer(net()).callbacks(stop, diary).fit(train(), 9);
    assertThat(h.stopReason()).isEqualTo("enough");
    assertThat(h.epochs()).isEqualTo(1);
    assertThat(diary.entries).containsExactly("begin", "epoch 1", "batch 1", "batch end 1", "batch 2", "batch end 2",
        "epoch end 1 [loss, accuracy] seen 64", "end");
  }

  @Test
  void anInvalidLossDoesNotStopByItself() {
    Einkorn.seed(1);
    var model = net();
    Tensor weight = model.parameters().get(0);
    weight.fillInPlace(Float.NaN);
    var trainer = trainer(model);
    assertThat(trainer.fit(train(), 2).get("loss")).containsExactly(Double.NaN, Double.NaN);
    History stopped = trainer.callbacks(new TerminateOnNaN()).fit(train(), 2);
    assertThat(stopped.epochs()).isEqualTo(1);
    assertThat(stopped.stopReason()).contains("NaN in batch 1");
  }

  @Test
  void anExceptionEndsTrainingCleanly() {
    String[] places = {"begin", "epoch 2", "batch 1", "batch end 3", "epoch end 1 [loss, accuracy] seen 250"};
    for (String place : places) {
      var model = net();
      model.get(1).eval(); // frozen statistics
      var before = new Diary();
      var failing = new Diary();
      var after = new Diary();
      failing.failAt = place;
      var trainer = trainer(model).callbacks(before, failing, after);
      assertThatThrownBy(() -> trainer.fit(train(), 3)).isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("failed at " + place);
      assertThat(before.entries).endsWith("end");
      assertThat(failing.entries).endsWith("end");
      if (place.equals("begin")) assertThat(after.entries).isEmpty();
      else assertThat(after.entries).endsWith("end");
      assertThat(model.isTraining()).isTrue();
      assertThat(model.get(1).isTraining()).isFalse();
      assertThat(trainer.callbacks().fit(train(), 1).epochs()).isEqualTo(1);
      new Scope().close(); // no scope was left open
    }
  }

  @Test
  void aFailingEndDoesNotHideTheFirstFailure() {
    var a = new Diary();
    var b = new Diary();
    a.failAt = "batch 2";
    b.failAt = "end";
    assertThatThrownBy(() -> trainer(net()).callbacks(a, b).fit(train(), 1)).hasMessage("failed at batch 2")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1).allMatch(s -> s.getMessage().equals("failed at end")));
    a.failAt = "";
    assertThatThrownBy(() -> trainer(net()).callbacks(b, a).fit(train(), 1)).hasMessage("failed at end");
    assertThat(a.entries).endsWith("end");
  }

  @Test
  void anErrorInAnEndHidesNothingEither() {
    var last = new Diary();
    var failure = new IllegalStateException("first");
    var failing = new LambdaCallback().onTrainEnd(t -> {
      throw new AssertionError("in an end");
    });
    var again = new LambdaCallback().onTrainEnd(t -> {
      throw failure;
    });
    var trainer = trainer(net()).callbacks(failing, again, last);
    assertThatThrownBy(() -> trainer.fit(train(), 1)).isInstanceOf(AssertionError.class).hasMessage("in an end")
        .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failure));
    assertThat(last.entries).endsWith("end");
    last.entries.clear();
    again.onEpochEnd((t, epoch, logs) -> {
      throw failure;
    });
    assertThatThrownBy(() -> trainer.fit(train(), 1)).isSameAs(failure)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1).allMatch(s -> s.getMessage().equals("in an end")));
    assertThat(last.entries).endsWith("end");
  }

  @Test
  void evaluatingAmidAnEpochWouldResetItsMetrics() {
    var model = net();
    var trainer = trainer(model);
    var lossOnly = new Trainer(model).loss(new CrossEntropyLoss());
    var around = new LambdaCallback().onEpochBegin((t, epoch) -> trainer.evaluate(valid()))
        .onBatchEnd((t, n, logs) -> lossOnly.evaluate(valid()))
        .onEpochEnd((t, epoch, logs) -> trainer.evaluate(valid()));
    assertThat(trainer.callbacks(around).fit(train(), 1).epochs()).isEqualTo(1);
    var amid = new LambdaCallback().onBatchEnd((t, n, logs) -> trainer.evaluate(valid()));
    assertThatThrownBy(() -> trainer.callbacks(amid).fit(train(), 1)).isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Trainer: evaluate would reset the metrics in the middle of an epoch");
    assertThat(trainer.evaluate(valid())).containsKey("accuracy");
  }

  @Test
  void aBatchNormMayBeFrozenForAnEpoch() {
    var model = net();
    var norm = (BatchNorm1d) model.get(1);
    var means = new ArrayList<float[]>();
    var modes = new ArrayList<String>();
    var freeze = new LambdaCallback().onEpochBegin((t, epoch) -> {
      modes.add(epoch + " " + model.isTraining() + " " + norm.isTraining());
      if (epoch > 1) norm.eval();
    }).onEpochEnd((t, epoch, logs) -> {
      modes.add(epoch + " " + model.isTraining() + " " + norm.isTraining());
      means.add(norm.runningMean().toFloats());
    });
    trainer(model).callbacks(freeze).fit(train(), valid(), 3);
    assertThat(means.get(0)).isNotEqualTo(new float[16]);
    assertThat(means.get(1)).containsExactly(means.get(0));
    assertThat(means.get(2)).containsExactly(means.get(0));
    assertThat(modes).containsExactly("1 true true", "1 true true", "2 true true", "2 true false", "3 true true",
        "3 true false");
    assertThat(norm.isTraining()).isTrue();
  }

  @Test
  void aStepThatFailsLeavesTheModelUsable() {
    var model = net();
    model.eval();
    var trainer = trainer(model);
    var wrong = new DataLoader(new TensorDataset(Tensor.ones(10, 4), Tensor.of(new long[10]))).batchSize(5);
    float[] before = model.parameters().get(0).toFloats();
    assertThatThrownBy(() -> trainer.fit(wrong, 1)).isInstanceOf(ShapeException.class);
    assertThat(model.parameters().get(0).toFloats()).containsExactly(before);
    assertThatThrownBy(() -> trainer.fit(train(), wrong, 1)).isInstanceOf(ShapeException.class);
    var labels = new DataLoader(new TensorDataset(Tensor.ones(3, 3), Tensor.of(0L, 1L, 2L))).batchSize(3);
    assertThatThrownBy(() -> trainer.evaluate(labels)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label");
    assertThat(model.isTraining()).isFalse();
    assertThat(trainer.fit(train(), 1).epochs()).isEqualTo(1);
  }

  @Test
  void memoryStandsStillFromTheSecondEpoch() {
    var model = net();
    var used = new ArrayList<Long>();
    Callback watch = new Callback() {
      @Override
      public void onEpochEnd(Training training, int epoch, Logs logs) {
        used.add(Memory.used());
      }
    };
    trainer(model).callbacks(watch).fit(train(), valid(), 40);
    long steps = 38 * (8 + 3); // other tests' threads may hold a little: a leak would be a block of 64 bytes per step
    assertThat(used.get(39) - used.get(1)).isLessThan(64 * steps);
  }

  @Test
  void printsProgressUnlessSilenced() {
    PrintStream out = System.out;
    var bytes = new ByteArrayOutputStream();
    var model = net();
    try {
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      trainer(model).verbose(0).fit(train(), 1);
      assertThat(bytes.size()).isZero();
      trainer(model).verbose(2).fit(train(), valid(), 1);
      trainer(model).callbacks(new EarlyStopping("val_loss").verbose(true)).verbose(1).fit(train(), valid(), 1);
    } finally {
      System.setOut(out);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).hasSize(2)
        .allMatch(l -> l.startsWith("Epoch 1/1") && l.contains("val_accuracy"));
  }

  @Test
  void mistakesAreNamedBeforeTraining() {
    var model = net();
    var ready = trainer(model);
    assertThatThrownBy(() -> new Trainer(model).fit(train(), 1)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("loss");
    assertThatThrownBy(() -> new Trainer(model).loss(new CrossEntropyLoss()).fit(train(), 1))
        .isInstanceOf(IllegalStateException.class).hasMessageContaining("optimizer");
    assertThatThrownBy(() -> new Trainer(model).evaluate(valid())).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ready.fit(train(), 0)).isInstanceOf(IllegalArgumentException.class);
    var empty = new DataLoader(blobs(1)).batchSize(1000).dropLast(true);
    assertThatThrownBy(() -> ready.fit(empty, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Trainer: the training loader has no batch");
    assertThatThrownBy(() -> ready.fit(train(), empty, 1)).hasMessage("Trainer: the validation loader has no batch");
    assertThatThrownBy(() -> ready.evaluate(empty)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ready.predict(empty)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Trainer(model).optimizer(new SGD(net().parameters(), 1)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("none of this model's parameters");
    assertThatThrownBy(() -> ready.metrics(new Accuracy(), new Accuracy()))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("\"accuracy\"");
    assertThatThrownBy(() -> ready.verbose(3)).isInstanceOf(IllegalArgumentException.class);
    var stop = trainer(model).callbacks(new EarlyStopping("val_loss"));
    assertThatThrownBy(() -> stop.fit(train(), 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[loss, accuracy]").hasMessageContaining("no validation data");
    try (var off = new NoGrad()) {
      assertThatThrownBy(() -> ready.fit(train(), 1)).isInstanceOf(IllegalStateException.class)
          .hasMessage("Trainer: fit needs gradients, and recording is off: a NoGrad is open on this thread");
      assertThatThrownBy(() -> new LearningRateFinder(ready).run(train())).isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("LearningRateFinder needs gradients");
    }
    var backwards = trainer(model).loss((p, y) -> p);
    assertThatThrownBy(() -> backwards.fit(train(), 1)).isInstanceOf(EinkornException.class)
        .hasMessageContaining("single number");
  }
}
