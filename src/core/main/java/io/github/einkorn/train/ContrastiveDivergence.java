package io.github.einkorn.train;

import io.github.einkorn.Check;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.nn.Dbn;
import io.github.einkorn.nn.Rbm;
import io.github.einkorn.optim.SGD;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Trains restricted Boltzmann machines without labels, by the gradient of {@link Rbm#contrastiveLoss} and {@link SGD}:
 * CD-k with Markov chains of k steps that start at the data (Hinton 2002), or the persistent one, whose chains go on
 * (Tieleman 2008).
 *
 * <pre>{@code
 * double[] errors = new ContrastiveDivergence(0.1).momentum(0.5).fit(new Rbm(784, 128), digits, 5);
 * }</pre>
 *
 * <p>Of a batch x is used, flattened to (N, visible), with values from 0 to 1.
 */
public final class ContrastiveDivergence {
  private final double lr;
  private int steps = 1;
  private boolean persistent;
  private double momentum;
  private double weightDecay;

  /**
   * With a learning rate; 0.1 is usual.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public ContrastiveDivergence(double lr) {
    Check.range("ContrastiveDivergence: learning rate", lr, 0, Float.MAX_VALUE);
    this.lr = lr;
  }

  /** Steps of the Markov chains for each batch: k. The default is 1. Returns this. */
  public ContrastiveDivergence steps(int k) {
    if (k < 1) throw new IllegalArgumentException("ContrastiveDivergence: steps must be at least 1, got " + k);
    steps = k;
    return this;
  }

  /**
   * Whether the chains, as many as the first batch has samples, go on from batch to batch, or start at each batch (the
   * default). Returns this.
   */
  public ContrastiveDivergence persistent(boolean wanted) {
    persistent = wanted;
    return this;
  }

  /** How much of the last step's direction is kept; the default is 0. Returns this. */
  public ContrastiveDivergence momentum(double value) {
    Check.range("ContrastiveDivergence: momentum", value, 0, Float.MAX_VALUE);
    momentum = value;
    return this;
  }

  /** The L2 penalty on the weights; biases have none. The default is 0. Returns this. */
  public ContrastiveDivergence weightDecay(double value) {
    Check.range("ContrastiveDivergence: weight decay", value, 0, Float.MAX_VALUE);
    weightDecay = value;
    return this;
  }

  /**
   * Trains a machine.
   *
   * @return for each epoch the mean of {@link Rbm#reconstructionError} over the samples, each before its batch was
   *     learnt
   * @throws IllegalArgumentException if there is not at least one epoch
   * @throws IllegalStateException inside {@link io.github.einkorn.NoGrad}
   * @throws io.github.einkorn.ShapeException if samples have not as many values as there are visible units
   */
  public double[] fit(Rbm rbm, DataLoader data, int epochs) {
    return fit(rbm, data, epochs, v -> v);
  }

  /**
   * Trains the machines of a net one after the other, from the lowest up, each on what those below give.
   *
   * @return for each machine what {@link #fit(Rbm, DataLoader, int)} returns
   * @throws IllegalArgumentException if there is not at least one epoch
   * @throws IllegalStateException inside {@link io.github.einkorn.NoGrad}
   * @throws io.github.einkorn.ShapeException if samples have not as many values as there are visible units
   */
  public double[][] fit(Dbn dbn, DataLoader data, int epochs) {
    List<Rbm> machines = dbn.machines();
    double[][] errors = new double[machines.size()][];
    for (int i = 0; i < errors.length; i++) {
      int machine = i;
      errors[i] = fit(machines.get(i), data, epochs, v -> dbn.up(v, machine).detach());
    }
    return errors;
  }

  private double[] fit(Rbm rbm, DataLoader data, int epochs, UnaryOperator<Tensor> below) {
    if (epochs < 1) {
      throw new IllegalArgumentException("ContrastiveDivergence: epochs must be at least 1, got " + epochs);
    }
    Trainer.requireRecording("ContrastiveDivergence: fit");
    var errors = DoubleStream.builder();
    try (var run = new Run(rbm)) {
      for (int i = 0; i < epochs; i++) errors.add(run.epoch(data, below));
    }
    return errors.build().toArray();
  }

  /** One training of one machine. */
  private final class Run implements AutoCloseable {
    private final Rbm rbm;
    private final SGD weights;
    private final SGD biases;
    private Tensor chains;

    Run(Rbm rbm) {
      this.rbm = rbm;
      weights = new SGD(List.of(rbm.weight()), lr).momentum(momentum).weightDecay(weightDecay);
      biases = new SGD(List.of(rbm.visibleBias(), rbm.hiddenBias()), lr).momentum(momentum);
    }

    /** The mean error over the samples. */
    double epoch(DataLoader data, UnaryOperator<Tensor> below) {
      double sum = 0;
      long samples = 0;
      try (var batches = data.iterator()) {
        while (batches.hasNext()) {
          Batch batch = batches.next();
          try (var scope = new Scope()) {
            sum += learn(below.apply(batch.x().flatten(1))) * batch.size();
          }
          samples += batch.size();
        }
      }
      return sum / samples;
    }

    private double learn(Tensor v) {
      double error = rbm.reconstructionError(v);
      Tensor model = rbm.gibbs(chains == null ? v : chains, steps);
      if (persistent) {
        close();
        chains = model.keep();
      }
      weights.zeroGrad();
      biases.zeroGrad();
      rbm.contrastiveLoss(v, model).backward();
      weights.step();
      biases.step();
      return error;
    }

    @Override
    public void close() {
      if (chains != null) chains.close();
    }
  }
}
