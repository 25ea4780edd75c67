package io.github.einkorn.examples;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.History;
import io.github.einkorn.train.Trainer;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/**
 * The lecture's convolutional net: what its weights start from, {@code predict}, {@code loss} and {@code gradient},
 * which is compared with slopes that are measured; then it learns MNIST. Figures of the lecture: 433,890 parameters,
 * weights of deviation 0.01, biases 0, an accuracy of 0.985.
 */
@Command(name = "SimpleConvNet", header = "S4",
    description = "conv 30@5×5, pool, affine 100, affine 10: gradients checked, MNIST")
final class SimpleConvNet extends MnistExample {
  /** The lecture's names, in the order of the library's. */
  private static final List<String> NAMES = List.of("W1", "b1", "W2", "b2", "W3", "b3");
  private static final int CHECKED = 20; // of each parameter
  private static final int IMAGES = 200;
  private static final float H = 1e-4f;

  @Override
  List<Figure> run() throws IOException {
    var net = new io.github.einkorn.models.SimpleConvNet();
    System.out.println(net.summary(1, 28, 28));
    double furthest = 0.01;
    double bias = 0;
    for (Tensor p : net.parameters()) {
      double size = Math.sqrt(p.detach().square().mean().item());
      if (p.rank() == 1) bias = Math.max(bias, size);
      else if (Math.abs(size - 0.01) > Math.abs(furthest - 0.01)) furthest = size;
    }

    // not digits: where they are black a bias of 0 sits on the bend of ReLU, and has two slopes. A step may cross other
    // bends, which the mean over many images makes good; labels of few kinds, or their gradients would cancel out
    Tensor x = Tensor.rand(IMAGES, 1, 28, 28);
    long[] t = IntStream.range(0, IMAGES).mapToLong(i -> i % 3).toArray();
    String scores = net.predict(x).shape().toString();
    double loss = net.loss(x, Tensor.of(t)).item();
    System.out.printf("predict: %s, loss of untrained scores: %.6f, ln 10 = %.6f%n", scores, loss, Math.log(10));
    double apart = 0;
    int i = 0;
    for (var e : net.gradient(x, Tensor.of(t)).entrySet()) {
      double d = apart(net, net.namedParameters().get(e.getKey()), e.getValue().toFloats(), x, t);
      System.out.printf("%s, %-14s %-15s numeric and analytic gradients differ by %.1e of their size%n", NAMES.get(i++),
          e.getKey(), e.getValue().shape(), d);
      apart = Math.max(apart, d);
    }

    History history = fit(net, mnistTrain(), mnistTest(), epochs(10, 10));
    double accuracy = history.get("val_accuracy").get(history.epochs() - 1);
    Pictures.curves(picture("curves.png"), "SimpleConvNet on MNIST", history);
    return List.of(
        Figure.equal("parameters", 433_890L, net.parameterCount()),
        Figure.near("deviation of first weights, the furthest of three", 0.01, 0.001, furthest),
        Figure.atMost("largest of first biases", 0, bias),
        Figure.equal("predict of 200 images", "(200, 10)", scores).own(),
        Figure.near("loss of untrained scores: ln 10", Math.log(10), 0.01, loss).own(),
        Figure.atMost("numeric and analytic gradients, relative difference", 0.01, apart).own(),
        Figure.atLeast("accuracy on test images", either(0.985, 0.8), accuracy));
  }

  /** Trains a net on digits by Adam, and after each epoch looks at how it does on others. */
  static History fit(Layer net, Dataset train, Dataset test, int epochs) {
    return new Trainer(net).loss(new CrossEntropyLoss()).metrics(new Accuracy())
        .optimizer(new Adam(net.parameters(), 0.001)).verbose(2)
        .fit(Loop.batches(train), new DataLoader(test).batchSize(500), epochs);
  }

  /** How far measured slopes are from the gradient, of its length, for some elements of a parameter. */
  private double apart(Layer net, Tensor p, float[] gradient, Tensor x, long[] t) {
    float[] values = p.toFloats();
    double difference = 0;
    double length = 0;
    for (int i : new Random(seed()).ints(CHECKED, 0, values.length).toArray()) {
      float before = values[i];
      float[] sides = {before + H, before - H};
      double[] losses = new double[2];
      for (int s = 0; s < 2; s++) {
        values[i] = sides[s];
        losses[s] = loss(net, p, values, x, t);
      }
      values[i] = before;
      double slope = (losses[0] - losses[1]) / ((double) sides[0] - sides[1]);
      difference += (slope - gradient[i]) * (slope - gradient[i]);
      length += gradient[i] * gradient[i];
    }
    loss(net, p, values, x, t); // as it was
    return Math.sqrt(difference / length);
  }

  /**
   * The loss with other values of a parameter, from the scores in double: {@code net.loss} is a float near 2.3, of
   * whose seven digits a difference would leave one or two.
   */
  private static double loss(Layer net, Tensor p, float[] values, Tensor x, long[] t) {
    try (var scope = new Scope(); var off = new NoGrad()) {
      p.copyInPlace(Tensor.of(values, p.shape().dims()));
      float[] scores = net.predict(x).toFloats();
      double sum = 0;
      for (int i = 0; i < t.length; i++) {
        double exponentials = 0;
        for (int k = 0; k < 10; k++) exponentials += Math.exp(scores[10 * i + k]);
        sum += Math.log(exponentials) - scores[10 * i + (int) t[i]];
      }
      return sum / t.length;
    }
  }
}
