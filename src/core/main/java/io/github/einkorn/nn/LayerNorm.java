package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * y = (x - mean) / √(var + eps) · γ + β with the mean and biased variance of each row, a row being the last dimensions
 * of x, in training and evaluation alike (Ba, Kiros and Hinton 2016). γ, of the shape of a row, starts at 1, β at 0.
 */
public final class LayerNorm extends BuiltIn {
  private final Shape shape;
  private double eps = 1e-5;
  private Tensor weight;
  private Tensor bias;

  /**
   * For rows of a shape: {@code new LayerNorm(512)}, or {@code new LayerNorm(64, 14, 14)} of images.
   *
   * @throws IllegalArgumentException if no extent is given
   * @throws io.github.einkorn.ShapeException unless all are at least 1
   */
  public LayerNorm(int... normalizedShape) {
    if (normalizedShape.length == 0) throw new IllegalArgumentException("LayerNorm: expected at least one extent");
    shape = Shape.of(normalizedShape);
    affine(true);
  }

  /**
   * What is added to the variance; the default is 1e-5. Returns this.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public LayerNorm eps(double wanted) {
    Check.range("LayerNorm: eps", wanted, 0, Float.MAX_VALUE);
    eps = wanted;
    return this;
  }

  /** Whether weight and bias are learnt (the default) or stay 1 and 0. Returns this. */
  public LayerNorm affine(boolean wanted) {
    drop("weight");
    weight = wanted ? parameter("weight", Tensor.ones(shape.dims())) : null;
    return bias(wanted);
  }

  /** Whether the bias is learnt (the default) or stays 0. Returns this. */
  public LayerNorm bias(boolean wanted) {
    drop("bias");
    bias = wanted ? parameter("bias", Tensor.zeros(shape.dims())) : null;
    return this;
  }

  /** γ, of the shape of a row, or null. */
  public Tensor weight() {
    return weight;
  }

  /** β, of the shape of a row, or null. */
  public Tensor bias() {
    return bias;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.layerNorm(x, shape.dims(), weight, bias, eps);
  }

  @Override
  protected String details() {
    String dims = Arrays.stream(shape.dims()).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return "(" + dims + (shape.rank() == 1 ? ",)" : ")") + ", eps=" + python(eps) + ", elementwise_affine="
        + python(weight != null);
  }
}
