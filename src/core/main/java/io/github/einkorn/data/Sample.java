package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import java.util.List;

/**
 * One example, without a batch dimension. Most models have one input and one output, and are given x and y.
 *
 * @param inputs what the model is given, in the order of its inputs
 * @param targets what it should say of it, in the order of its outputs
 * @param weight what it counts in the loss; 1 unless said otherwise
 */
public record Sample(List<Tensor> inputs, List<Tensor> targets, float weight) {
  /** Refuses nulls, no input or target at all, and weights that are negative or not finite. */
  public Sample {
    inputs = Batch.some("inputs", inputs);
    targets = Batch.some("targets", targets);
    Check.range("a sample's weight", weight, 0, Float.MAX_VALUE);
  }

  /** Of weight 1. */
  public Sample(List<Tensor> inputs, List<Tensor> targets) {
    this(inputs, targets, 1);
  }

  /** An input, as an image of shape (C, H, W), and its target, as a label of shape () and type int64. */
  public Sample(Tensor x, Tensor y) {
    this(Batch.one("x", x), Batch.one("y", y));
  }

  /** The first input. */
  public Tensor x() {
    return inputs.get(0);
  }

  /** The first target. */
  public Tensor y() {
    return targets.get(0);
  }

  /** The same with another weight. */
  public Sample weight(float other) {
    return new Sample(inputs, targets, other);
  }
}
