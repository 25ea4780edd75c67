package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;

/** y = x Wᵀ + b: (…, in) to (…, out). W (out, in) and b (out) start from U(±1/√in), as in PyTorch. */
public final class Linear extends BuiltIn {
  private final int in;
  private final int out;
  private final Tensor weight;
  private Tensor bias;

  /**
   * From {@code in} to {@code out} features.
   *
   * @throws IllegalArgumentException unless both are at least 1
   */
  public Linear(int in, int out) {
    this.in = positive("in", in);
    this.out = positive("out", out);
    weight = parameter("weight", () -> Init.standard(Tensor.empty(Shape.of(out, in)), in));
    bias(true);
  }

  /** Whether there is a bias b; the default is true. Returns this. */
  public Linear bias(boolean wanted) {
    if (wanted == (bias != null)) return this;
    if (!wanted) drop("bias");
    bias = wanted ? parameter("bias", () -> Init.standard(Tensor.empty(Shape.of(out)), in)) : null;
    return this;
  }

  /** W (out, in). */
  public Tensor weight() {
    return weight;
  }

  /** b (out), or null. */
  public Tensor bias() {
    return bias;
  }

  @Override
  Tensor compute(Tensor x) {
    return compute(x, Activation.IDENTITY);
  }

  @Override
  Tensor compute(Tensor x, Activation behind) {
    return io.github.einkorn.ops.Linear.apply(x, weight, bias, behind);
  }

  @Override
  int inputRank() {
    return 2;
  }

  @Override
  protected String details() {
    return "in_features=" + in + ", out_features=" + out + ", bias=" + python(bias != null);
  }
}
