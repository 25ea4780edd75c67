package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * One example, without a batch dimension. Most models have one input and one output, and are given x and y.
 *
 * @param inputs what the model is given, in the order of its inputs
 * @param targets what it should say of it, in the order of its outputs
 */
public record Sample(List<Tensor> inputs, List<Tensor> targets) {
  /** Refuses nulls, and none at all. */
  public Sample {
    inputs = Batch.some("inputs", inputs);
    targets = Batch.some("targets", targets);
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
}
