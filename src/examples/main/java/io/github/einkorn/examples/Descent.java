package io.github.einkorn.examples;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The way of an optimizer down a surface over the plane: points {x, y}, one more than there are steps. */
record Descent(List<double[]> points) {
  /** An algorithm with its settings, for parameters. */
  interface Maker {
    Optimizer of(List<Tensor> parameters);
  }

  /** From (-7, 2) on, by the gradients of the height at a point (2). */
  static Descent of(UnaryOperator<Tensor> height, int steps, Maker maker) {
    Tensor p = Tensor.of(-7f, 2).requiresGrad(true);
    Optimizer optimizer = maker.of(List.of(p));
    var points = new ArrayList<double[]>();
    for (int i = 0; i <= steps; i++) {
      float[] at = p.toFloats();
      points.add(new double[] {at[0], at[1]});
      try (var scope = new Scope()) {
        optimizer.zeroGrad();
        height.apply(p).backward();
        optimizer.step();
      }
    }
    return new Descent(points);
  }

  double[] end() {
    return points.get(points.size() - 1);
  }

  /** How long each step is. */
  List<Double> steps() {
    return IntStream.range(1, points.size()).mapToObj(i ->
        Math.hypot(points.get(i)[0] - points.get(i - 1)[0], points.get(i)[1] - points.get(i - 1)[1])).toList();
  }

  double length() {
    return steps().stream().mapToDouble(s -> s).sum();
  }

  /** How often it goes from one side of the x axis to the other. */
  int crossings() {
    return (int) IntStream.range(1, points.size()).filter(i -> points.get(i)[1] * points.get(i - 1)[1] < 0).count();
  }
}
