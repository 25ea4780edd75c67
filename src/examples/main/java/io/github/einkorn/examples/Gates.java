package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.bceLoss;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.optim.SGD;
import java.util.List;
import picocli.CommandLine.Command;

/** One perceptron learns AND and OR: by Rosenblatt's rule with a step, then by gradients with a sigmoid. */
@Command(name = "Gates", header = "S1", description = "AND and OR with one perceptron: step, then sigmoid")
final class Gates extends Example {
  static final Tensor X = Tensor.of(new float[][] {{0, 0}, {0, 1}, {1, 0}, {1, 1}}).keep();

  @Override
  List<Figure> run() {
    Tensor and = Tensor.of(new float[][] {{0}, {0}, {0}, {1}});
    Tensor or = Tensor.of(new float[][] {{0}, {1}, {1}, {1}});
    return List.of(
        Figure.atLeast("AND by a step: accuracy", 1, step("AND", and)),
        Figure.atLeast("OR by a step: accuracy", 1, step("OR", or)),
        Figure.atLeast("AND by a sigmoid: accuracy", 1, sigmoid("AND", and)),
        Figure.atLeast("OR by a sigmoid: accuracy", 1, sigmoid("OR", or)));
  }

  /** y = 1 where W x + b ≥ 0, else 0. A step has no slope to follow; each mistake moves the weights by its input. */
  private static double step(String gate, Tensor y) {
    var perceptron = new Linear(2, 1);
    for (int epoch = 1; epoch <= 100; epoch++) {
      try (var scope = new Scope(); var off = new NoGrad()) {
        Tensor mistakes = y.sub(fires(perceptron.forward(X), 0)); // (4, 1): 1 too low, -1 too high
        if (mistakes.abs().sum().item() == 0) {
          System.out.printf("%s by a step: no mistakes after %d epochs%n", gate, epoch - 1);
          break;
        }
        perceptron.weight().addInPlace(mistakes.t().matmul(X));
        perceptron.bias().addInPlace(mistakes.sum(0));
      }
    }
    return accuracy(gate, perceptron.predict(X), 0, y);
  }

  /** The same with y = σ(W x + b), which has a slope, so that gradients show the way. */
  private static double sigmoid(String gate, Tensor y) {
    var perceptron = new Linear(2, 1);
    var sgd = new SGD(perceptron.parameters(), 1);
    for (int step = 0; step <= 1000; step++) {
      try (var scope = new Scope()) {
        sgd.zeroGrad();
        Tensor cost = bceLoss(perceptron.forward(X).sigmoid(), y);
        cost.backward();
        sgd.step();
        if (step % 200 == 0) System.out.printf("%s by a sigmoid: %4d %.6f%n", gate, step, cost.item());
      }
    }
    return accuracy(gate, perceptron.predict(X).sigmoid(), 0.5, y);
  }

  private static Tensor fires(Tensor output, double threshold) {
    return output.ge(threshold).to(io.github.einkorn.DType.FLOAT32);
  }

  /** Prints the table of the gate. */
  private static double accuracy(String gate, Tensor output, double threshold, Tensor y) {
    float[] out = output.toFloats();
    float[] said = fires(output, threshold).toFloats();
    for (int i = 0; i < 4; i++) {
      System.out.printf("  %d %s %d = %.0f   (%.3f)%n", i / 2, gate, i % 2, said[i], out[i]);
    }
    return fires(output, threshold).eq(y).mean().item();
  }
}
