package io.github.einkorn.plan;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.BatchNorm;
import io.github.einkorn.ops.Conv2d;
import io.github.einkorn.ops.Linear;
import java.util.Arrays;

/** Passes over a plan that make one step of two. */
final class Fold {
  private static final int EVALUATION = 5; // inputs: x, gamma, beta, mean, var

  private Fold() {}

  /**
   * Batch normalization with fixed statistics, y = a h + c for each channel of h = w x + b, goes into the convolution
   * or linear layer before: w' = a w, b' = a b + c, both by the normalization itself.
   */
  static void batchNorm(Draft d) {
    for (int i = d.steps.size() - 1; i >= 0; i--) {
      Step norm = d.steps.get(i);
      if (norm.op() != BatchNorm.class || norm.inputs().length != EVALUATION || !d.isFixed(norm)) continue;
      Step source = d.source(norm.inputs()[0]);
      if (source != null && hasChannels(d, source) && d.isFixed(source) && d.readOnce(source.output())) {
        d.steps.remove(i);
        d.steps.set(d.steps.indexOf(source), folded(d, source, norm));
      }
    }
  }

  /** Whether its outputs are the channels of a normalization behind. */
  private static boolean hasChannels(Draft d, Step s) {
    return s.op() == Conv2d.class || s.op() == Linear.class && d.shapes.get(s.output()).length == 2;
  }

  private static Step folded(Draft d, Step source, Step norm) {
    int[] in = source.inputs(), n = norm.inputs();
    Tensor w = d.constants.get(in[1]), gamma = optional(d, n[1]), beta = optional(d, n[2]);
    Tensor mean = d.constants.get(n[3]), var = d.constants.get(n[4]);
    int c = w.dim(0);
    Tensor b = in[2] < 0 ? Tensor.zeros(1, c) : d.constants.get(in[2]).reshape(1, c);
    Tensor a = norm.replay().run(Tensor.ones(1, c), gamma, null, Tensor.zeros(c), var);
    int[] column = w.shape().dims();
    Arrays.fill(column, 1, column.length, 1);
    int scaled = d.constant(w.mul(a.reshape(column)));
    int shifted = d.constant(norm.replay().run(b, gamma, beta, mean, var).reshape(c));
    return new Step(source.op(), source.layer() + " + " + norm.layer(), source.replay(),
        new int[] {in[0], scaled, shifted}, norm.output());
  }

  private static Tensor optional(Draft d, int value) {
    return value < 0 ? null : d.constants.get(value);
  }
}
