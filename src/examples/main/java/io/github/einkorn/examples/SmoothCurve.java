package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.crossEntropy;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import io.github.einkorn.optim.SGD;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;

/**
 * The three helpers of the lecture: {@code smooth_curve}, {@code shuffle_dataset} and {@code conv_output_size}. With
 * the first two a net is trained on MNIST by hand, so that there is a cost of every step to make smooth.
 *
 * <p>Figures of the lecture: a window of 11 with β = 2, and as many points as before. Ours: its ends are 1 / I₀(2); and
 * steps between neighbours of white noise shrink to √(Σ (wᵢ - wᵢ₋₁)² / 2) = 0.062, those of a cost, which also falls,
 * to 0.15 at most.
 */
@Command(name = "SmoothCurve", header = "S4",
    description = "A curve smoothed, a data set shuffled, a convolution's size")
final class SmoothCurve extends MnistExample {
  private static final int LENGTH = 11;

  /**
   * The mean of each value and its neighbours by Kaiser's window of 11 with β = 2; values beyond an end are those
   * before it, mirrored. The note's mirror repeats the last value, and not the first; here both ends are alike.
   *
   * @throws IllegalArgumentException if there are fewer values than the window is long
   */
  static List<Double> smoothCurve(List<Double> x) {
    int n = x.size();
    int mirrored = LENGTH - 1;
    if (n < LENGTH) {
      throw new IllegalArgumentException("smoothCurve: expected at least " + LENGTH + " values, got " + n);
    }
    double[] s = new double[n + 2 * mirrored];
    for (int i = 0; i < s.length; i++) {
      int at = Math.abs(i - mirrored);
      s[i] = x.get(at < n ? at : 2 * (n - 1) - at);
    }
    double[] w = kaiser(LENGTH, 2);
    double sum = 0;
    for (double v : w) sum += v;
    var y = new ArrayList<Double>();
    for (int i = 0; i + LENGTH <= s.length; i++) {
      double mean = 0;
      for (int k = 0; k < LENGTH; k++) mean += w[k] / sum * s[i + k];
      y.add(mean);
    }
    return y.subList(5, y.size() - 5); // of n + 10
  }

  /** I₀(β √(1 - t²)) / I₀(β) for t from -1 to 1: {@code numpy.kaiser}. */
  static double[] kaiser(int length, double beta) {
    double[] w = new double[length];
    for (int i = 0; i < length; i++) {
      double t = 2.0 * i / (length - 1) - 1;
      w[i] = bessel(beta * Math.sqrt(1 - t * t)) / bessel(beta);
    }
    return w;
  }

  /** I₀, the modified Bessel function of the first kind: Σ (x²/4)ᵏ / k!². */
  private static double bessel(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
      term *= x * x / 4 / k / k;
      sum += term;
    }
    return sum;
  }

  /** Samples and labels in a new order, the same for both; samples may have any shape, not just the note's two. */
  static Batch shuffleDataset(Tensor x, Tensor t, long seed) {
    var order = new ArrayList<>(LongStream.range(0, x.dim(0)).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    Tensor permutation = Tensor.of(order.stream().mapToLong(i -> i).toArray());
    return new Batch(x.indexSelect(permutation), t.indexSelect(permutation));
  }

  /**
   * (input + 2 pad - filter) / stride + 1.
   *
   * @throws ShapeException if that is no whole number; the note's function returns it all the same
   */
  static int convOutputSize(int input, int filter, int stride, int pad) {
    return Window.of(filter).stride(stride).pad(pad).strict().height().out(input);
  }

  @Override
  List<Figure> run() throws IOException {
    List<Double> costs = train(epochs(3, 3));
    List<Double> smooth = smoothCurve(costs);
    double left = jumps(smooth) / jumps(costs);
    System.out.printf("%d steps: from one to the next the cost changes by %.4f, smoothed by %.4f%n", costs.size(),
        jumps(costs), jumps(smooth));
    var curves = new LinkedHashMap<String, List<Double>>();
    curves.put("smoothed", smooth); // the first lies on top
    curves.put("cost", costs);
    Pictures.curves(picture("cost.png"), "MNIST with one layer: the cost of each step", "step", "cost", curves);

    Batch pairs = shuffleDataset(Tensor.arange(0, 100, 1).reshape(100, 1), Tensor.arange(100), seed());
    float[] x = pairs.x().toFloats();
    long[] t = pairs.y().toLongs();
    boolean together = IntStream.range(0, 100).allMatch(i -> (long) x[i] == t[i]);
    boolean moved = IntStream.range(0, 100).anyMatch(i -> t[i] != i);
    boolean all = LongStream.of(t).distinct().count() == 100;
    String refused = "";
    try {
      convOutputSize(7, 3, 3, 0);
    } catch (ShapeException e) {
      refused = e.getMessage();
    }
    System.out.printf("conv_output_size(28, 5) = %d; (7, 3, stride 3): %s%n", convOutputSize(28, 5, 1, 0), refused);
    return List.of(
        Figure.near("ends of Kaiser's window", 0.438676, 1e-6, kaiser(LENGTH, 2)[0]).own(),
        Figure.equal("points of the smoothed curve", costs.size(), smooth.size()),
        Figure.atMost("its steps, of the steps of the cost", 0.15, left).own(),
        Figure.holds("shuffled: another order, all are there, with their labels", moved && all && together).own(),
        Figure.equal("conv_output_size(28, 5)", 24, convOutputSize(28, 5, 1, 0)),
        Figure.holds("a size that is no whole number is refused", !refused.isEmpty()));
  }

  /** The cost of each step. */
  private List<Double> train(int epochs) {
    Batch all = Loop.first(10_000, mnistTrain());
    int size = either(100, 20);
    var model = new Sequential(new Flatten(), new Linear(784, 10));
    var sgd = new SGD(model.parameters(), 0.1);
    var costs = new ArrayList<Double>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      try (var scope = new Scope()) {
        Batch shuffled = shuffleDataset(all.x(), all.y(), seed() + epoch);
        for (int i = 0; i + size <= all.size(); i += size) {
          Tensor cost = crossEntropy(model.forward(shuffled.x().narrow(0, i, size)), shuffled.y().narrow(0, i, size));
          sgd.zeroGrad();
          cost.backward();
          sgd.step();
          costs.add((double) cost.item());
        }
      }
    }
    return costs;
  }

  /** The mean size of the steps between neighbours. */
  private static double jumps(List<Double> x) {
    return IntStream.range(1, x.size()).mapToDouble(i -> Math.abs(x.get(i) - x.get(i - 1))).average().getAsDouble();
  }
}
