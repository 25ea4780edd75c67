package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Memory;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.Sample;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.data.WeightedRandomSampler;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Input;
import io.github.einkorn.nn.L2;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.Reduction;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.ExponentialLR;
import io.github.einkorn.optim.OneCycleLR;
import io.github.einkorn.optim.SGD;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code fit} can be told beside loss, optimizer and metrics. */
class FitOptionsTest {
  private static final int N = 40;
  private static final float[] CLASS_WEIGHTS = {0.5f, 3, 1};

  private final Linear layer = new Linear(4, 3);
  private final Sequential model = new Sequential(layer);

  /** Random x (N, 4); the last quarter has label 2, the others 0 and 1 in turn. */
  static TensorDataset data() {
    var random = new Random(1);
    float[] x = new float[N * 4];
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    long[] y = new long[N];
    for (int i = 0; i < N; i++) y[i] = i >= N * 3 / 4 ? 2 : i % 2;
    return new TensorDataset(Tensor.of(x, N, 4), Tensor.of(y));
  }

  static DataLoader loader(Dataset data) {
    return new DataLoader(data).batchSize(7).shuffle(true).prefetch(0);
  }

  /** With a learning rate of 0 the losses are those of the model as it is. */
  private Trainer trainer(double lr) {
    return new Trainer(model).loss(new CrossEntropyLoss()).optimizer(new SGD(model.parameters(), lr)).verbose(0);
  }

  /** The loss of every sample. */
  private double[] losses() {
    var all = data().batch(IntStream.range(0, N).toArray());
    float[] l = new CrossEntropyLoss().reduction(Reduction.NONE).forward(model.forward(all.x()), all.y()).toFloats();
    double[] d = new double[N];
    for (int i = 0; i < N; i++) d[i] = l[i];
    return d;
  }

  /** The mean of the targets. */
  private static final class MeanTarget implements Metric {
    private double sum;
    private long count;

    @Override
    public String name() {
      return "target";
    }

    @Override
    public void reset() {
      sum = 0;
      count = 0;
    }

    @Override
    public void update(Tensor prediction, Tensor target) {
      sum += target.sum().item();
      count += target.size();
    }

    @Override
    public double result() {
      return sum / count;
    }
  }

  // ---- validation split ----

  @Test
  void theLastSamplesAreForValidationHoweverTheyAreShuffled() {
    var samples = new ArrayList<Long>();
    var trainer = trainer(0.1).metrics(new MeanTarget()).validationSplit(0.25)
        .callbacks(new LambdaCallback().onTrainBegin(t -> samples.add(t.samples())));
    History h = trainer.fit(loader(data()), 2);
    assertThat(samples).containsExactly(30L);
    assertThat(h.get("target")).containsExactly(0.5, 0.5);
    assertThat(h.get("val_target")).containsExactly(2.0, 2.0);
    assertThat(trainer.fit(data(), 1).get("val_target")).containsExactly(2.0);
    History given = trainer.fit(loader(data()), loader(data()), 1); // data for validation go first
    assertThat(given.get("val_target")).containsExactly(0.875);
    assertThat(trainer.validationSplit(0).fit(data(), 1).keys()).containsExactly("loss", "target");
  }

  @Test
  void aSplitMustLeaveSomethingOnBothSides() {
    assertThatThrownBy(() -> trainer(0).validationSplit(0.99).fit(data().take(10), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("leaves none for training");
    assertThatThrownBy(() -> trainer(0).validationSplit(1e-18).fit(data().take(10), 1))
        .hasMessageContaining("leaves none for validation");
    var sampled = new DataLoader(data()).sampler(new WeightedRandomSampler(new double[] {1, 1}, 2, true));
    assertThatThrownBy(() -> trainer(0).validationSplit(0.5).fit(sampled, 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("Trainer: validationSplit cannot take the data of this"
            + " loader apart (DataLoader: its sampler is for its own data set): give fit two loaders");
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> trainer(0).validationSplit(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- weights ----

  @Test
  void classesCountAsTheyAreWeightedInTrainingAlone() {
    double[] losses = losses();
    double weighted = 0, plain = 0;
    for (int i = 0; i < N; i++) {
      weighted += CLASS_WEIGHTS[i >= 30 ? 2 : i % 2] * losses[i] / N;
      plain += losses[i] / N;
    }
    History h = trainer(0).classWeights(CLASS_WEIGHTS).fit(loader(data()), loader(data()), 1);
    assertThat(h.get("loss").get(0)).isCloseTo(weighted, within(1e-5));
    assertThat(h.get("val_loss").get(0)).isCloseTo(plain, within(1e-5));
    assertThat(trainer(0).classWeights().fit(loader(data()), 1).get("loss").get(0)).isCloseTo(plain, within(1e-5));
  }

  @Test
  void samplesCountAsTheyAreWeighted() {
    double[] losses = losses();
    float[] w = new float[N];
    double weighted = 0, both = 0;
    for (int i = 0; i < N; i++) {
      w[i] = i % 4;
      weighted += w[i] * losses[i] / N;
      both += w[i] * CLASS_WEIGHTS[i >= 30 ? 2 : i % 2] * losses[i] / N;
    }
    Dataset data = data().weighted(w);
    var trainer = trainer(0);
    assertThat(trainer.fit(loader(data), 1).get("loss").get(0)).isCloseTo(weighted, within(1e-5));
    assertThat(trainer.evaluate(loader(data)).get("loss")).isCloseTo(weighted, within(1e-5));
    Dataset mapped = data.map(s -> new Sample(s.x(), s.y()));
    assertThat(trainer.evaluate(loader(mapped)).get("loss")).isCloseTo(weighted, within(1e-5));
    assertThat(trainer.classWeights(CLASS_WEIGHTS).fit(loader(data), 1).get("loss").get(0))
        .isCloseTo(both, within(1e-5));
  }

  /** The mean is that over the other samples: five of each batch of ten, and none of the last. */
  @Test
  void ignoredLabelsHaveNoWeightAndNoLoss() {
    double[] losses = losses();
    for (long ignored : new long[] {-100, 7}) {
      long[] labels = new long[N];
      double weighted = 0, plain = 0;
      for (int i = 0; i < N; i++) {
        labels[i] = i % 2 == 0 || i >= 30 ? ignored : 1;
        if (labels[i] == ignored) continue;
        weighted += CLASS_WEIGHTS[1] * losses[i] / 15;
        plain += losses[i] / 15;
      }
      Tensor x = data().batch(IntStream.range(0, N).toArray()).x();
      var data = new DataLoader(new TensorDataset(x, Tensor.of(labels))).batchSize(10);
      var loss = new CrossEntropyLoss().ignoreIndex(ignored);
      var trainer = trainer(0).loss(loss).classWeights(CLASS_WEIGHTS).metrics(new LossMetric("plain", loss));
      History h = trainer.fit(data, data, 1);
      assertThat(h.get("loss").get(0)).isCloseTo(weighted, within(1e-5));
      for (String name : List.of("plain", "val_loss", "val_plain")) {
        assertThat(h.get(name).get(0)).as(name).isCloseTo(plain, within(1e-5));
      }
    }
    var none = new DataLoader(new TensorDataset(Tensor.ones(2, 4), Tensor.of(-100L, -100L)));
    assertThat(trainer(0).evaluate(none).get("loss")).isNaN();
    var nan = new DataLoader(new TensorDataset(Tensor.full(Float.NaN, 2, 4), Tensor.of(1L, -100L)));
    assertThat(trainer(0).evaluate(nan).get("loss")).isNaN();
  }

  @Test
  void aSampleOfWeightTwoIsTwoSamples() {
    Dataset few = data().take(3), twice = few.concat(few.subset(new int[] {1}));
    var other = new Sequential(new Linear(4, 3));
    other.loadStateDict(model.stateDict());
    new Trainer(other).loss(new CrossEntropyLoss().reduction(Reduction.SUM))
        .optimizer(new SGD(other.parameters(), 0.1)).verbose(0).fit(new DataLoader(twice).batchSize(4), 1);
    trainer(0.1).loss(new CrossEntropyLoss().reduction(Reduction.SUM))
        .fit(new DataLoader(few.weighted(1, 2, 1)).batchSize(3), 1);
    assertThat(layer.weight().toFloats())
        .containsExactly(other.parameters().get(0).toFloats(), within(1e-6f));
  }

  @Test
  void weightsThatDoNotFitAreNamed() {
    assertThatThrownBy(() -> trainer(0).classWeights(1, 2).fit(loader(data()), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("label 2")
        .hasMessageContaining("weights for 0..1");
    assertThatThrownBy(() -> trainer(0).classWeights(1, -1)).isInstanceOf(IllegalArgumentException.class);
    var pixels = new DataLoader(new TensorDataset(Tensor.ones(2, 4), Tensor.ones(2, 3, 5)));
    assertThatThrownBy(() -> trainer(0).loss((p, y) -> p.sum()).classWeights(1).fit(pixels, 1))
        .isInstanceOf(ShapeException.class).hasMessageContaining("one label per sample");
    assertThatThrownBy(() -> data().weighted(1, 2)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weighted: 2 weights for 40 samples");
    assertThatThrownBy(() -> data().take(1).weighted(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> trainer(0).loss((p, y) -> p.sum()).fit(loader(data().take(1).weighted(2)), 1))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(trainer(0).fit(loader(data()), 1).epochs()).isEqualTo(1); // the model is usable
  }

  /** Both losses of a sample are weighted, and the penalty is added once. */
  @Test
  void severalOutputsAreWeightedTogether() {
    var first = new Linear(4, 3);
    var in = Input.of(4);
    var net = Model.of(List.of(in), List.of(in.then("a", first), in.then("b", new Linear(4, 1))));
    float[] w = new float[N];
    for (int i = 0; i < N; i++) w[i] = i % 3;
    Tensor x = data().batch(IntStream.range(0, N).toArray()).x(), zeros = Tensor.zeros(N, 1);
    Tensor y = Tensor.zeros(N, 3);
    Dataset data = new TensorDataset(List.of(x), List.of(y, zeros)).weighted(w);
    var trainer = new Trainer(net).loss(new MSELoss()).optimizer(new SGD(net.parameters(), 0)).verbose(0);
    List<Tensor> out = net.forward(List.of(x));
    double expected = 0;
    float[] a = out.get(0).square().mean(1).toFloats(), b = out.get(1).square().mean(1).toFloats();
    for (int i = 0; i < N; i++) expected += w[i] * (a[i] + 2 * b[i]) / N;
    first.regularizer(new L2(0.5));
    double penalty = 0;
    for (float v : first.weight().toFloats()) penalty += 0.5 * v * v;
    var logs = trainer.lossWeights(1, 2).fit(loader(data), 1);
    assertThat(logs.get("loss").get(0)).isCloseTo(expected + penalty, within(1e-4));
    assertThatThrownBy(() -> trainer.classWeights(1, 2).fit(loader(data), 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("models with one output");
  }

  // ---- gradients, penalties, schedules ----

  private double moved(float[] before) {
    double squares = 0;
    float[] now = layer.weight().toFloats();
    for (int i = 0; i < now.length; i++) squares += Math.pow(now[i] - before[i], 2);
    return Math.sqrt(squares);
  }

  @Test
  void gradientsAreClipped() {
    layer.bias(false);
    var whole = new DataLoader(data()).batchSize(N);
    float[] before = layer.weight().toFloats();
    trainer(1).clipGradNorm(1e-3).fit(whole, 1);
    assertThat(moved(before)).isCloseTo(1e-3, within(1e-5));
    before = layer.weight().toFloats();
    trainer(1).clipGradValue(1e-3).fit(whole, 1);
    float[] now = layer.weight().toFloats();
    for (int i = 0; i < now.length; i++) assertThat(Math.abs(now[i] - before[i])).isLessThan(1.001e-3f);
    assertThat(moved(before)).isGreaterThan(1e-3);
    assertThatThrownBy(() -> trainer(1).clipGradNorm(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> trainer(1).clipGradValue(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void penaltiesAreInTheLossAndInTheGradient() {
    layer.bias(false);
    double plain = trainer(0).evaluate(loader(data())).get("loss");
    layer.regularizer(new L2(0.5));
    double penalty = 0;
    for (float w : layer.weight().toFloats()) penalty += 0.5 * w * w;
    assertThat(trainer(0).evaluate(loader(data())).get("loss")).isCloseTo(plain + penalty, within(1e-5));
    assertThat(trainer(0).fit(loader(data()), 1).get("loss").get(0)).isCloseTo(plain + penalty, within(1e-5));
    float[] before = layer.weight().toFloats();
    trainer(0.5).loss((p, y) -> p.sum().mul(0)).fit(new DataLoader(data()).batchSize(N), 1); // w - 0.5 w
    float[] now = layer.weight().toFloats();
    for (int i = 0; i < now.length; i++) assertThat(now[i]).isCloseTo(before[i] / 2, within(1e-6f));
  }

  @Test
  void aScheduleMayStepPerBatch() {
    var sgd = new SGD(model.parameters(), 1);
    var loader = loader(data());
    int batches = loader.batches();
    var rates = new ArrayList<Double>();
    var schedule = new LearningRateScheduler(new OneCycleLR(sgd, 0.1, 2 * batches)).perBatch(true);
    History h = trainer(0).optimizer(sgd).callbacks(new LambdaCallback().onBatchBegin((t, b) -> rates.add(sgd.lr())),
        schedule).fit(loader, 2);
    assertThat(rates).hasSize(2 * batches);
    assertThat(rates.get(0)).isCloseTo(0.1 / 25, within(1e-12));
    assertThat(rates.stream().mapToDouble(d -> d).max().getAsDouble()).isGreaterThan(0.09).isLessThanOrEqualTo(0.1);
    assertThat(rates.get(2 * batches - 1)).isCloseTo(0.1 / 25 / 1e4, within(1e-12));
    assertThat(h.get("learning_rate")).containsExactly(rates.get(batches - 1), rates.get(2 * batches - 1));
  }

  /** Halved after each epoch by each of two: by the scheduler always, on the plateau from the second epoch on. */
  @Test
  void theRateOfAnEpochIsLoggedForCallbacksInAnyOrder(@TempDir Path dir) {
    var sgd = new SGD(model.parameters(), 1);
    var used = new ArrayList<Double>();
    var stop = new EarlyStopping("learning_rate").mode("max").patience(9);
    var h = trainer(0).loss((p, y) -> p.sum().mul(0)).optimizer(sgd).callbacks(stop,
        new CSVLogger(dir.resolve("log.csv")), new ModelCheckpoint(dir, "{learning_rate:.4f}"),
        new LambdaCallback().onBatchBegin((t, b) -> used.add(sgd.lr())),
        new LearningRateScheduler(new ExponentialLR(sgd, 0.5)),
        new ReduceLROnPlateau("loss").factor(0.5).patience(1)).fit(new DataLoader(data()).batchSize(N), 4);
    assertThat(h.get("learning_rate")).isEqualTo(used).startsWith(1.0, 0.5);
    assertThat(stop.bestEpoch()).isEqualTo(1);
    assertThat(dir.resolve("log.csv")).content().startsWith("epoch,loss,learning_rate\n1,0.0,1.0\n2,0.0,0.5\n");
    for (double rate : used) assertThat(dir.resolve(String.format(Locale.ROOT, "%.4f", rate))).exists();
  }

  @Test
  void memoryStandsStillWithEverythingTurnedOn() {
    layer.regularizer(new L2(0.01));
    float[] w = new float[N];
    Arrays.fill(w, 2);
    var used = new ArrayList<Long>();
    new Trainer(model).loss(new CrossEntropyLoss().weight(1, 2, 3).labelSmoothing(0.1).ignoreIndex(1))
        .optimizer(new Adam(model.parameters())).verbose(0).classWeights(CLASS_WEIGHTS)
        .clipGradNorm(1).clipGradValue(0.1).metrics(new F1(Average.MACRO), new TopKAccuracy(2), new ConfusionMatrix())
        .callbacks(new LambdaCallback().onEpochEnd((t, e, logs) -> used.add(Memory.used())))
        .fit(loader(data().weighted(w)), loader(data()), 40);
    assertThat(used.get(39) - used.get(1)).isLessThan(64 * 38 * 6);
  }

  @Test
  void aNullAmongOthersIsNamed() {
    var ready = trainer(0);
    assertThatThrownBy(() -> ready.callbacks(new TerminateOnNaN(), null)).isInstanceOf(NullPointerException.class)
        .hasMessage("callbacks[1]");
    assertThatThrownBy(() -> ready.losses(null, null)).hasMessage("losses[0]");
    assertThatThrownBy(() -> ready.metrics(new Accuracy(), null)).hasMessage("metrics[1]");
    assertThatThrownBy(() -> new ConfusionMatrix().names("a", null)).hasMessage("classes[1]");
  }
}
