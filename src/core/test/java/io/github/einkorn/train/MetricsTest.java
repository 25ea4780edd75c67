package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Memory;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Identity;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.Reduction;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Expected figures are those in the documentation of scikit-learn's functions of the same names, or counted by hand.
 */
class MetricsTest {
  /** Scores that say class p[i]. */
  private static Tensor scores(int classes, int... p) {
    float[] s = new float[p.length * classes];
    for (int i = 0; i < p.length; i++) s[i * classes + p[i]] = 1;
    return Tensor.of(s, p.length, classes);
  }

  private static double of(Metric m, Tensor prediction, Tensor target) {
    m.reset();
    m.update(prediction, target);
    return m.result();
  }

  private static void assertFigure(Metric m, Tensor p, Tensor t, double expected) {
    assertThat(of(m, p, t)).as("%s", m.name()).isCloseTo(expected, within(1e-12));
  }

  @Test
  void aLossIsAMeanOverSamples() {
    var metric = new LossMetric("cost", new MSELoss());
    assertThat(metric.result()).isNaN();
    metric.update(Tensor.of(1f, 2f, 3f), Tensor.of(0f, 0f, 0f)); // 14 / 3
    metric.update(Tensor.of(4f), Tensor.of(0f)); // 16
    assertThat(metric.result()).isCloseTo(30 / 4.0, within(1e-6));
    metric.reset();
    assertThat(metric.result()).isNaN();
    var kept = new LossMetric("cost", new MSELoss().reduction(Reduction.NONE));
    assertThatThrownBy(() -> kept.update(Tensor.of(1f, 2f), Tensor.of(0f, 0f))).isInstanceOf(ShapeException.class)
        .hasMessage("cost: the loss of a batch should be one number, got shape (2)");
  }

  /** In batches of 3, 3 and 1, beside the loss: first alike, then without the penalty. */
  @Test
  void aLossAmongTheMetricsHasNoPenalty() {
    var model = new Linear(2, 1);
    var trainer = new Trainer(model).loss(new MSELoss()).metrics(new LossMetric("cost", new MSELoss()));
    var data = new DataLoader(new TensorDataset(Tensor.randn(7, 2), Tensor.randn(7, 1))).batchSize(3);
    Map<String, Double> plain = trainer.evaluate(data);
    assertThat(plain.get("cost")).isEqualTo(plain.get("loss"));
    model.regularizer(w -> Tensor.full(2));
    Map<String, Double> penalized = trainer.evaluate(data);
    assertThat(penalized.get("cost")).isEqualTo(plain.get("cost"));
    assertThat(penalized.get("loss")).isGreaterThan(plain.get("loss") + 1);
  }

  @Test
  void severalClasses() {
    Tensor t = Tensor.of(0L, 1L, 2L, 0L, 1L, 2L), p = scores(3, 0, 2, 1, 0, 0, 1);
    assertFigure(new Precision(Average.MACRO), p, t, 2.0 / 9);
    assertFigure(new Precision(Average.MICRO), p, t, 1.0 / 3);
    assertFigure(new Precision(Average.WEIGHTED), p, t, 2.0 / 9);
    assertFigure(new Recall(Average.MACRO), p, t, 1.0 / 3);
    assertFigure(new Recall(Average.MICRO), p, t, 1.0 / 3);
    assertFigure(new F1(Average.MACRO), p, t, 0.8 / 3);
    assertFigure(new F1(Average.MICRO), p, t, 1.0 / 3);
    assertFigure(new F1(Average.WEIGHTED), p, t, 0.8 / 3);
    assertThatThrownBy(() -> of(new Recall(), p, t)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BINARY is for 2 classes");
  }

  @Test
  void averagesDiffer() { // rows: 3 of class 0, 1 of class 1, none of class 2, which was found once
    Tensor t = Tensor.of(0L, 0L, 0L, 1L), p = scores(4, 0, 0, 2, 1);
    assertFigure(new Precision(Average.MACRO), p, t, 2.0 / 3); // 1, 1, 0; class 3 is nowhere
    assertFigure(new Recall(Average.MACRO), p, t, (2.0 / 3 + 1) / 3);
    assertFigure(new F1(Average.MACRO), p, t, (0.8 + 1) / 3);
    assertFigure(new Precision(Average.WEIGHTED), p, t, 1);
    assertFigure(new Recall(Average.WEIGHTED), p, t, 0.75);
    assertFigure(new F1(Average.WEIGHTED), p, t, (0.8 * 3 + 1) / 4);
    assertFigure(new F1(Average.MICRO), p, t, 0.75);
  }

  @Test
  void twoClasses() {
    Tensor p = Tensor.of(0.9f, 0.6f, 0.2f, 0.7f, 0.1f), t = Tensor.of(1f, 0f, 1f, 1f, 0f);
    assertFigure(new Precision(), p, t, 2.0 / 3);
    assertFigure(new Recall(), p, t, 2.0 / 3);
    assertFigure(new F1(), p, t, 2.0 / 3);
    assertFigure(new Recall().threshold(0.65), p, t, 2.0 / 3);
    assertFigure(new Precision().threshold(0.65), p, t, 1);
    assertFigure(new Accuracy().threshold(0), p.sub(0.5), t, 0.6);
    assertFigure(new F1(), scores(2, 1, 1, 0), Tensor.of(1L, 0L, 0L), 2.0 / 3);
    assertFigure(new Recall(Average.MACRO), p, t, (2.0 / 3 + 0.5) / 2);
  }

  @Test
  void dividingByZeroGivesZero() {
    Tensor none = Tensor.of(0.1f, 0.2f), zeros = Tensor.zeros(2), ones = Tensor.ones(2);
    assertFigure(new Precision(), none, ones, 0);
    assertFigure(new Recall(), ones, zeros, 0);
    assertFigure(new F1(), none, zeros, 0);
    assertThat(new Precision().result()).isNaN();
  }

  @Test
  void confusionIsCountedOverBatches() {
    var m = new ConfusionMatrix().names("cat", "a dog");
    assertThat(m.result()).isNaN();
    m.update(scores(3, 0, 2, 1), Tensor.of(0L, 1L, 1L));
    m.update(scores(3, 0, 2), Tensor.of(2L, 2L));
    assertThat(m.counts()).isDeepEqualTo(new long[][] {{1, 0, 0}, {0, 1, 1}, {1, 0, 1}});
    assertThat(m.count(1, 2)).isEqualTo(1);
    assertThat(m.result()).isEqualTo(0.6);
    assertThat(m.precision(Average.MACRO)).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(m).hasToString("""
                predicted
        actual  cat  a dog  2
        cat       1      0  0
        a dog     0      1  1
        2         1      0  1""");
    m.counts()[0][0] = 99;
    assertThat(m.count(0, 0)).isEqualTo(1);
    assertThatThrownBy(() -> m.update(scores(2, 0), Tensor.of(0L))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("for 2 classes").hasMessageContaining("for 3");
    assertThatThrownBy(() -> m.update(scores(3, 0), Tensor.of(3L))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("confusion_accuracy: target 3 is not a class, 0..2");
    m.reset();
    m.update(scores(2, 0), Tensor.of(0L));
    assertThat(m.counts()).isDeepEqualTo(new long[][] {{1, 0}, {0, 0}});
  }

  @Test
  void topK() {
    float inf = Float.NEGATIVE_INFINITY;
    Tensor p = Tensor.of(new float[][] {{0.1f, 0.9f, 0.5f}, {3, 2, inf}, {0, 0, 0}});
    Tensor t = Tensor.of(2L, 2L, 2L);
    assertFigure(new TopKAccuracy(1), p, t, 1.0 / 3); // of three equal ones each is in
    assertFigure(new TopKAccuracy(2), p, t, 2.0 / 3);
    assertFigure(new TopKAccuracy(3), p, t, 1);
    assertFigure(new TopKAccuracy(9), p, t, 1);
    assertFigure(new TopKAccuracy(2), p, Tensor.oneHot(t, 3), 2.0 / 3);
    assertThat(new TopKAccuracy(5).name()).isEqualTo("top5_accuracy");
    Tensor pixels = Tensor.of(new float[] {1, 5, 2, 4, 3, 3}, 1, 3, 2); // columns 1 2 3 and 5 4 3
    assertFigure(new TopKAccuracy(2), pixels, Tensor.of(new long[] {1, 2}, 1, 2), 0.5);
    assertThatThrownBy(() -> of(new TopKAccuracy(1), p, Tensor.of(3L, 0L, 0L)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("top1_accuracy: target 3 is not a class, 0..2");
    assertThatThrownBy(() -> of(new TopKAccuracy(1), Tensor.ones(3), Tensor.ones(3)))
        .isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> new TopKAccuracy(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPlaceAmongNaNIsUnknown() {
    float nan = Float.NaN, inf = Float.POSITIVE_INFINITY;
    Tensor p = Tensor.of(new float[][] {{nan, nan, nan}, {1, 2, nan}, {nan, 0, 5}, {inf, -inf, 1}, {1, 2, 3}});
    Tensor t = Tensor.of(2L, 2L, 2L, 2L, 2L);
    assertFigure(new TopKAccuracy(1), p, t, 0.2);
    assertFigure(new TopKAccuracy(2), p, t, 0.4);
    assertFigure(new TopKAccuracy(9), p, t, 0.4);
  }

  // ---- labels that do not count ----

  private static Metric[] ignoring(long label) {
    return new Metric[] {new Accuracy().ignoreIndex(label), new TopKAccuracy(1).ignoreIndex(label),
        new ConfusionMatrix().ignoreIndex(label), new F1(Average.MICRO).ignoreIndex(label),
        new Precision(Average.MICRO).ignoreIndex(label), new Recall(Average.MICRO).ignoreIndex(label)};
  }

  @Test
  void ignoredLabelsDoNotCount() {
    Tensor p = scores(3, 0, 2, 1, 1, 0);
    for (Metric m : ignoring(-100)) assertFigure(m, p, Tensor.of(0L, -100L, 2L, 1L, -100L), 2.0 / 3);
    for (Metric m : new Metric[] {new Accuracy(), new TopKAccuracy(1), new ConfusionMatrix()}) {
      assertFigure(m, p, Tensor.of(new float[] {0, -100, 2, 1, -100}, 5, 1), 2.0 / 3);
    }
    for (Metric m : ignoring(255)) assertFigure(m, p, Tensor.of(0L, 255L, 2L, 255L, 255L), 0.5);
    for (Metric m : ignoring(0)) assertFigure(m, p, Tensor.of(0L, 1L, 2L, 1L, 0L), 1.0 / 3);
    for (Metric m : ignoring(1)) assertFigure(m, p, Tensor.oneHot(Tensor.of(0L, 1L, 2L, 1L, 0L), 3), 0.6); // no labels
    assertFigure(new TopKAccuracy(2).ignoreIndex(1), p, Tensor.of(1L, 2L, 2L, 0L, 1L), 1); // zeros share place 2
    var confusion = new ConfusionMatrix();
    confusion.update(p, Tensor.of(0L, -100L, 2L, 1L, -100L));
    assertThat(confusion.counts()).isDeepEqualTo(new long[][] {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}});
    assertFigure(new F1().ignoreIndex(1), Tensor.of(0.9f, 0.6f), Tensor.of(1f, 0f), 2.0 / 3); // 0 and 1 are no labels
  }

  @Test
  void aBatchOfIgnoredLabelsIsNone() {
    Tensor p = scores(3, 0, 2), none = Tensor.of(-100L, -100L);
    for (Metric m : ignoring(-100)) {
      assertThat(of(m, p, none)).as(m.name()).isNaN();
      m.update(scores(3, 1, 1), Tensor.of(1L, 0L));
      m.update(p, none);
      assertThat(m.result()).as(m.name()).isEqualTo(0.5);
    }
    for (Average average : new Average[] {Average.MACRO, Average.WEIGHTED}) {
      assertThat(of(new F1(average), p, none)).isNaN();
    }
  }

  @Test
  void ignoredPixelsDoNotCount() { // classes 0 1 / 1 0 and 1 1 / 0 0
    Tensor one = Tensor.of(new float[] {0, 1, 1, 0, 1, 1, 0, 0}, 2, 1, 2, 2);
    Tensor p = Tensor.cat(1, one.neg(), one.sub(0.5));
    Tensor t = Tensor.of(new long[] {0, 1, -100, -100, 0, 1, 1, -100}, 2, 2, 2);
    for (Metric m : ignoring(-100)) assertFigure(m, p, t, 3.0 / 5);
    for (Metric m : ignoring(-100)) assertFigure(m, p.channelsLast(), t.reshape(2, 1, 2, 2), 3.0 / 5);
    assertFigure(new Recall(), p, t, 2.0 / 3);
  }

  /** As the loss ignores: beside weights of samples, which metrics do not look at. */
  @Test
  void lossAndMetricsIgnoreTheSame() {
    Tensor x = scores(3, 0, 2, 1, 1), y = Tensor.of(0L, -100L, 2L, 1L);
    var data = new DataLoader(new TensorDataset(x, y).weighted(1, 5, 3, 2)).batchSize(4);
    var result = new Trainer(new Identity()).loss(new CrossEntropyLoss())
        .metrics(new Accuracy(), new TopKAccuracy(1), new ConfusionMatrix(), new F1(Average.MICRO)).evaluate(data);
    assertThat(result).containsEntry("accuracy", 2.0 / 3).containsEntry("top1_accuracy", 2.0 / 3)
        .containsEntry("confusion_accuracy", 2.0 / 3).containsEntry("f1", 2.0 / 3);
    assertThat(result.get("loss")).isFinite();
  }

  // ---- targets ----

  @Test
  void labelsAreUnderstoodWhereAnExtentIsOne() {
    Tensor p = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 3, 2, 1}, 3, 3, 1); // classes 2, 2, 0
    for (Metric m : ignoring(-100)) {
      assertFigure(m, p, Tensor.of(new long[] {2, 0, 0}, 3, 1), 2.0 / 3);
      assertFigure(m, p.unsqueeze(3), Tensor.of(new long[] {2, 0, 0}, 3, 1, 1), 2.0 / 3);
      assertFigure(m, p.reshape(1, 3, 1, 3), Tensor.of(new long[] {1, 0, 1}, 1, 1, 3), 2.0 / 3); // all of class 1
    }
    Tensor sure = Tensor.of(new float[] {0.9f, 0.2f, 0.7f}, 3, 1, 1);
    for (int[] shape : new int[][] {{3, 1}, {3, 1, 1}}) {
      assertFigure(new Accuracy(), sure, Tensor.of(new float[] {1, 1, 1}, shape), 2.0 / 3);
    }
  }

  @Test
  void fractionsAreNoClasses() {
    Tensor t = Tensor.of(0f, 0.9f), minus = Tensor.of(-0.7f, 0f), binary = Tensor.of(0.2f, 0.1f);
    for (Metric m : new Metric[] {new ConfusionMatrix(), new F1(), new Precision(), new Recall()}) {
      assertThatThrownBy(() -> of(m, binary, t)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage(m.name() + ": target 0.9 is not a class, 0..1");
      assertThatThrownBy(() -> of(m, scores(2, 0, 0), minus)).isInstanceOf(IllegalArgumentException.class)
          .hasMessage(m.name() + ": target -0.7 is not a class, 0..1");
      assertThatThrownBy(() -> of(m, binary, t.mul(Float.NaN))).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> of(new TopKAccuracy(1), scores(2, 0, 0), t)).isInstanceOf(IllegalArgumentException.class);
    assertFigure(new Accuracy(), binary, t, 0.5);
    assertFigure(new Accuracy(), scores(2, 0, 0), minus, 0.5);
  }

  @Test
  void temporariesAreFreed() {
    Tensor p = scores(3, 0, 2, 1), t = Tensor.of(0L, 1L, 1L);
    Metric[] all = {new F1(Average.MACRO), new ConfusionMatrix(), new TopKAccuracy(2)};
    for (Metric m : all) m.update(p, t);
    long used = Memory.used();
    for (int i = 0; i < 1000; i++) for (Metric m : all) m.update(p, t);
    assertThat(Memory.used() - used).isLessThan(64 * 1000);
  }

  @Test
  void monitorsKnowThatTheyGrow() {
    for (Metric m : new Metric[] {new Accuracy(), new TopKAccuracy(5), new Precision(), new Recall(), new F1(),
        new ConfusionMatrix()}) {
      assertThat(new Monitor("X", "val_" + m.name()).better(2, 1)).as(m.name()).isTrue();
    }
  }
}
