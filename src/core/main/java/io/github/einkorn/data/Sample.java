package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import java.util.List;

/** One example, without a batch dimension. Most models have one input and one output, and are given x and y. */
public final class Sample {
  private final List<Tensor> inputs;
  private final List<Tensor> targets;
  private final Float weight; // null if nothing was said

  /**
   * An example that counts in the loss what its weight says.
   *
   * @param inputs what the model is given, in the order of its inputs
   * @param targets what it should say of it, in the order of its outputs
   * @throws NullPointerException if a tensor is null
   * @throws IllegalArgumentException if there is no input or no target, or the weight is negative or not finite
   */
  public Sample(List<Tensor> inputs, List<Tensor> targets, float weight) {
    this(inputs, targets, (Float) Check.range("a sample's weight", weight, 0, Float.MAX_VALUE));
  }

  /** Of weight 1, or, as the result of {@link Dataset#map}, of the weight it had before. */
  public Sample(List<Tensor> inputs, List<Tensor> targets) {
    this(inputs, targets, null);
  }

  /** An input, as an image of shape (C, H, W), and its target, as a label of shape () and type int64. */
  public Sample(Tensor x, Tensor y) {
    this(Batch.one("x", x), Batch.one("y", y));
  }

  private Sample(List<Tensor> inputs, List<Tensor> targets, Float weight) {
    this.inputs = Batch.some("inputs", inputs);
    this.targets = Batch.some("targets", targets);
    this.weight = weight;
  }

  /** What the model is given, in the order of its inputs. */
  public List<Tensor> inputs() {
    return inputs;
  }

  /** What it should say of it, in the order of its outputs. */
  public List<Tensor> targets() {
    return targets;
  }

  /** The first input. */
  public Tensor x() {
    return inputs.get(0);
  }

  /** The first target. */
  public Tensor y() {
    return targets.get(0);
  }

  /** What it counts in the loss; 1 unless said otherwise. */
  public float weight() {
    return weight == null ? 1 : weight;
  }

  /** The same with another weight. */
  public Sample weight(float other) {
    return new Sample(inputs, targets, other);
  }

  /** The same, with this weight if it was given none. */
  Sample weightOr(float other) {
    return weight == null ? weight(other) : this;
  }

  @Override
  public String toString() {
    return "Sample[inputs=" + inputs + ", targets=" + targets + ", weight=" + weight() + "]";
  }
}
