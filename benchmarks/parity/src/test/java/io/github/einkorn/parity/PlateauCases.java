package io.github.einkorn.parity;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.parity.Values.Norm;
import io.github.einkorn.train.LambdaCallback;
import io.github.einkorn.train.Metric;
import io.github.einkorn.train.ReduceLROnPlateau;
import io.github.einkorn.train.Trainer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.SchedulerMode;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.ThresholdMode;
import org.bytedeco.pytorch.SGDOptions;

/**
 * ReduceLROnPlateau, which is Keras's, beside PyTorch's of that name: by the parameters after each epoch of one step.
 *
 * <p>Keras acts in the epoch whose wait reaches its patience, PyTorch in that whose bad epochs exceed its own, which is
 * one less; the first epoch that Keras counts again is the last of its cooldown, and for PyTorch the one after it. Both
 * see numbers that a float holds exactly.
 */
final class PlateauCases {
  private static final String SHAPE = "17";
  private static final double LR = 0.5, FACTOR = 0.5;

  private PlateauCases() {}

  static Stream<Case> all() {
    double[] falling = IntStream.range(0, 40).mapToDouble(t -> -t / 8.0).toArray();
    double[] flat = new double[40];
    double[] nan = {1, Double.NaN, Double.NaN, Double.NaN, 0.5, Double.NaN, Double.NaN, 0.5, 0.25, Double.NaN};
    double[] infinite = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 3, 2, Double.POSITIVE_INFINITY, 2, 2, 1};
    Stream<Case> random = IntStream.rangeClosed(0, 3).boxed().flatMap(patience -> IntStream.rangeClosed(0, 3)
        .mapToObj(cooldown -> plateau("patience " + patience + ", cooldown " + cooldown, walk(10 * patience + cooldown),
            patience, cooldown, 0, 0)));
    return Stream.concat(random, Stream.of(
        plateau("falling", falling, 2, 0, 0, 0),
        plateau("falling by minDelta exactly", falling, 2, 0, 0.125, 0),
        plateau("flat", flat, 10, 0, 0, 0),
        plateau("flat, to minLr", flat, 2, 1, 0, 0.125 - 0.03125),
        plateau("minDelta", walk(99), 2, 1, 0.25, 0),
        plateau("nan", nan, 2, 0, 0, 0),
        plateau("infinity", infinite, 2, 0, 0, 0),
        growing("max", walk(7), 2, 1, 0),
        growing("max, minDelta", walk(8), 1, 2, 0.25)));
  }

  /** Forty values in eighths. */
  private static double[] walk(long seed) {
    var random = new Random(seed);
    double[] x = new double[40];
    for (int t = 1; t < x.length; t++) x[t] = x[t - 1] + (random.nextInt(5) - 2) / 8.0;
    return x;
  }

  private static Case plateau(String name, double[] values, int patience, int cooldown, double minDelta,
      double minLr) {
    return of(name, values, r -> r.mode("min").minLr(minLr), values, patience, cooldown, minDelta, minLr);
  }

  /** A number that is to grow, and for PyTorch's C++ one that is to fall: its growing one adds no threshold. */
  private static Case growing(String name, double[] values, int patience, int cooldown, double minDelta) {
    return of(name, values, r -> r.mode("max"), DoubleStream.of(values).map(v -> -v).toArray(), patience, cooldown,
        minDelta, 0);
  }

  private static Case of(String name, double[] values, UnaryOperator<ReduceLROnPlateau> change, double[] torchValues,
      int patience, int cooldown, double minDelta, double minLr) {
    return new Case("ReduceLROnPlateau " + name, () -> List.of(new ReduceLROnPlateau("score")), Norm.LARGEST, 1,
        List.of(Torch.FLOAT), () -> ours(values, change.apply(new ReduceLROnPlateau("score").factor(FACTOR)
            .patience(patience).cooldown(cooldown).minDelta(minDelta))),
        t -> torch(t, torchValues, Math.max(patience - 1, 0), Math.max(cooldown - 1, 0), minDelta, minLr));
  }

  private static final Input GRADIENT = Input.weights(Input.shape(SHAPE), 1);

  // ---- Einkorn: fit, whose loss w · x has the gradient x ----

  private static final class Weights extends Layer {
    final Tensor w = parameter("w", Ours.LIBRARY.of(Input.normal(SHAPE).fixed()));

    @Override
    public Tensor forward(Tensor x) {
      return x.mul(w);
    }
  }

  private record Series(double[] values, int[] epoch) implements Metric {
    @Override
    public String name() {
      return "score";
    }

    @Override
    public void reset() {}

    @Override
    public void update(Tensor prediction, Tensor target) {}

    @Override
    public double result() {
      return values[epoch[0] - 1];
    }
  }

  private static Map<String, Values> ours(double[] values, ReduceLROnPlateau plateau) {
    var results = new LinkedHashMap<String, Values>();
    Ours.LIBRARY.scoped(() -> {
      var model = new Weights();
      int[] epoch = {0};
      var track = new LambdaCallback().onEpochBegin((training, e) -> epoch[0] = e)
          .onEpochEnd((training, e, logs) -> results.put("epoch " + e, Ours.LIBRARY.read(model.w)));
      new Trainer(model).loss((y, target) -> y.sum()).optimizer(new SGD(model.parameters(), LR))
          .metrics(new Series(values, epoch)).callbacks(track, plateau).verbose(0)
          .fit(new DataLoader(new TensorDataset(Tensor.of(GRADIENT.floats(), 1, 17), Tensor.zeros(1))).batchSize(1),
              values.length);
    });
    return results;
  }

  // ---- PyTorch ----

  private static Map<String, Values> torch(Torch lib, double[] values, int patience, int cooldown, double minDelta,
      double minLr) {
    var results = new LinkedHashMap<String, Values>();
    lib.scoped(() -> {
      var w = lib.of(Input.normal(SHAPE));
      var sgd = new org.bytedeco.pytorch.SGD(Torch.vector(List.of(w)), new SGDOptions(LR));
      var schedule = new ReduceLROnPlateauScheduler(sgd, SchedulerMode.min, (float) FACTOR, patience, minDelta,
          ThresholdMode.abs, cooldown, new float[] {(float) minLr}, 0, false);
      for (int t = 0; t < values.length; t++) {
        sgd.zero_grad();
        lib.backward(w, lib.of(GRADIENT));
        sgd.step();
        results.put("epoch " + (t + 1), lib.read(w));
        schedule.step((float) values[t]);
      }
    });
    return results;
  }
}
