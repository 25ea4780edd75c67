package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;

/** What one- and two-dimensional batch normalization share; B is the layer, for its options to return. */
abstract class BatchNorm<B extends BatchNorm<B>> extends BuiltIn {
  private final int features;
  private double eps = 1e-5;
  private Double momentum = 0.1;
  private Tensor weight;
  private Tensor bias;
  private Tensor mean;
  private Tensor var;
  private Tensor batches;

  BatchNorm(int features) {
    this.features = positive("features", features);
    affine(true);
    trackRunningStats(true);
  }

  abstract B self();

  abstract void checkShape(Tensor x);

  /**
   * How far the running statistics move towards those of each batch; null averages all batches alike. The default is
   * 0.1. Returns this.
   *
   * @throws IllegalArgumentException unless it is null or lies in 0..1
   */
  public B momentum(Double wanted) {
    if (wanted != null) Check.range(type() + ": momentum", wanted, 0, 1);
    momentum = wanted;
    return self();
  }

  /**
   * What is added to the variance; the default is 1e-5. Returns this.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public B eps(double wanted) {
    Check.range(type() + ": eps", wanted, 0, Float.MAX_VALUE);
    eps = wanted;
    return self();
  }

  /** Whether weight and bias are learnt (the default) or stay 1 and 0. Returns this. */
  public B affine(boolean wanted) {
    drop("weight");
    drop("bias");
    weight = wanted ? parameter("weight", Tensor.ones(features)) : null;
    bias = wanted ? parameter("bias", Tensor.zeros(features)) : null;
    return self();
  }

  /** Whether evaluation uses running statistics (the default) or those of its batch. Returns this. */
  public B trackRunningStats(boolean wanted) {
    for (String name : new String[] {"running_mean", "running_var", "num_batches_tracked"}) drop(name);
    mean = wanted ? buffer("running_mean", Tensor.zeros(features)) : null;
    var = wanted ? buffer("running_var", Tensor.ones(features)) : null;
    batches = wanted ? buffer("num_batches_tracked", Tensor.of(new long[] {0}, new int[0])) : null;
    return self();
  }

  /** γ (features), or null. */
  public Tensor weight() {
    return weight;
  }

  /** β (features), or null. */
  public Tensor bias() {
    return bias;
  }

  /** The running mean (features), or null. */
  public Tensor runningMean() {
    return mean;
  }

  /** The running unbiased variance (features), or null. */
  public Tensor runningVar() {
    return var;
  }

  @Override
  Tensor compute(Tensor x) {
    return compute(x, Activation.IDENTITY);
  }

  @Override
  Tensor compute(Tensor x, Activation behind) {
    return compute(x, null, behind);
  }

  /** As {@link #run} of this layer, a sum with the residual, of one shape with x, and an activation, without hooks. */
  final Tensor run(Tensor x, Tensor residual, Activation behind) {
    return named(() -> compute(x, residual, behind));
  }

  private Tensor compute(Tensor x, Tensor residual, Activation behind) {
    checkShape(x);
    if (!isTraining() || mean == null) {
      return Functional.batchNorm(x, mean, var, weight, bias, isTraining(), 0, eps, behind, residual);
    }
    long n = batches.toLongs()[0] + 1;
    double step = momentum == null ? 1.0 / n : momentum;
    Tensor y = Functional.batchNorm(x, mean, var, weight, bias, true, step, eps, behind, residual);
    batches.fillInPlace(n);
    return y;
  }

  @Override
  protected String details() {
    return features + ", eps=" + python(eps) + ", momentum=" + (momentum == null ? "None" : python(momentum))
        + ", affine=" + python(weight != null) + ", track_running_stats=" + python(mean != null);
  }
}
