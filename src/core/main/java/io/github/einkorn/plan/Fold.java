package io.github.einkorn.plan;

import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activated;
import io.github.einkorn.ops.Activation;
import io.github.einkorn.ops.Add;
import io.github.einkorn.ops.AddRelu;
import io.github.einkorn.ops.BatchNorm;
import io.github.einkorn.ops.Conv2d;
import io.github.einkorn.ops.Linear;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Passes over a plan that make one step of two. */
final class Fold {
  private Fold() {}

  static void all(Draft d) {
    for (int i = d.steps.size() - 1; i >= 0; i--) splitRectifier(d, i);
    Map<Object, int[]> folded = new HashMap<>();
    for (int i = d.steps.size() - 1; i >= 0; i--) batchNorm(d, i, folded);
    for (int i = d.steps.size() - 1; i >= 0; i--) activation(d, i);
  }

  /** Normalization and its rectifier in two steps, so that the normalization can be folded. */
  private static void splitRectifier(Draft d, int i) {
    Step s = d.steps.get(i);
    if (!(s.replay() instanceof BatchNorm.Eval norm) || norm.activation() == Activation.IDENTITY) return;
    Activation behind = norm.activation();
    int h = d.computed(d.shapes.get(s.output()));
    d.steps.set(i, new Step(s.op(), s.layer(), norm.with(Activation.IDENTITY), s.inputs(), h));
    d.steps.add(i + 1, new Step(behind.op, s.layer(), in -> behind.of(in[0]), new int[] {h}, s.output()));
  }

  /**
   * Normalization with fixed statistics, y = a h + c for each channel of h = w x + b, goes into the convolution or
   * linear layer before: w' = a w, b' = a b + c, both by the normalization itself; once for layers that run twice.
   */
  private static void batchNorm(Draft d, int i, Map<Object, int[]> folded) {
    Step norm = d.steps.get(i);
    if (!(norm.replay() instanceof BatchNorm.Eval) || !d.isFixed(norm)) return;
    Step source = d.source(norm.inputs()[0]);
    if (source == null || !hasChannels(d, source) || !d.isFixed(source) || !d.readOnce(source.output())) return;
    int[] in = source.inputs();
    List<Integer> fixed = Stream.of(in, norm.inputs()).flatMapToInt(n -> IntStream.of(n).skip(1)).boxed().toList();
    int[] weights = folded.computeIfAbsent(List.of(norm.replay(), fixed), k -> folded(d, source, norm));
    replace(d, source, i, source.with(norm, source.replay(), in[0], weights[0], weights[1]));
  }

  /** Whether it is a sum of products for each channel of the normalization behind. */
  private static boolean hasChannels(Draft d, Step s) {
    if (s.op() != Conv2d.class && (s.op() != Linear.class || d.shapes.get(s.output()).length != 2)) return false;
    return ((Activated) s.replay()).activation() == Activation.IDENTITY;
  }

  /** The numbers of w' and b'. */
  private static int[] folded(Draft d, Step source, Step norm) {
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
    return new int[] {scaled, shifted};
  }

  private static Tensor optional(Draft d, int value) {
    return value < 0 ? null : d.constants.get(value);
  }

  /**
   * An activation goes into what it follows: a linear layer, or, a rectifier, a convolution, a normalization that was
   * not folded, or, a ReLU, a sum of equal shapes.
   */
  private static void activation(Draft d, int i) {
    Step behind = d.steps.get(i);
    Activation activation = Activation.byOp(behind.op());
    if (activation == Activation.IDENTITY) return;
    Step source = d.source(behind.inputs()[0]);
    if (source == null || !d.readOnce(source.output())) return;
    int[] in = source.inputs();
    if (source.replay() instanceof Activated r) {
      if (r.activation() != Activation.IDENTITY || !r.takes(activation)) return;
      replace(d, source, i, source.with(behind, r.with(activation), in));
    } else if (activation == Activation.RELU && source.op() == Add.class
        && Arrays.equals(d.shapes.get(in[0]), d.shapes.get(in[1]))) {
      Step sum = new Step(AddRelu.class, source.layer(), source.replay(), in, source.output());
      replace(d, source, i, sum.with(behind, x -> AddRelu.apply(x[0], x[1]), in));
    }
  }

  /** Puts one step in the place of the first of two. */
  private static void replace(Draft d, Step first, int second, Step both) {
    d.steps.remove(second);
    d.steps.set(d.steps.indexOf(first), both);
  }
}
