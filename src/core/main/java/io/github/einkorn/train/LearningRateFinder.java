package io.github.einkorn.train;

import io.github.einkorn.Random;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The learning-rate range test: trains for a number of batches while the learning rate grows by a constant factor from
 * the least to the greatest, and shows how the loss follows.
 *
 * <pre>{@code
 * var curve = new LearningRateFinder(model, new CrossEntropyLoss(), sgd).run(train);
 * sgd.lr(curve.suggestion());
 * }</pre>
 *
 * <p>Afterwards the parameters and buffers of the model, its modes, the optimizer's state and learning rate, and the
 * random numbers that follow are what they were; a loader with a seed of its own counts the iterations.
 *
 * <p>Smith, Cyclical Learning Rates, 2017; smoothing, end and suggestion as in fastai.
 */
public final class LearningRateFinder {
  private static final double MEMORY = 0.98;

  private final Trainer trainer;
  private final Layer model;
  private final Optimizer optimizer;
  private double least = 1e-7;
  private double greatest = 10;
  private int steps = 100;
  private double divergence = 4;

  /** From 1e-7 to 10 in 100 steps. */
  public LearningRateFinder(Layer model, Loss loss, Optimizer optimizer) {
    this(new Trainer(model).loss(loss).optimizer(optimizer));
  }

  /**
   * The same for what a trainer would do: with its losses of several outputs, class weights and clipping. Its callbacks
   * take no part.
   *
   * @throws IllegalStateException if it has no loss or no optimizer
   */
  public LearningRateFinder(Trainer trainer) {
    trainer.requireReady("LearningRateFinder");
    this.trainer = trainer;
    model = trainer.model();
    optimizer = trainer.optimizer();
  }

  /** The first learning rate and the last. Default 1e-7 and 10. */
  public LearningRateFinder range(double least, double greatest) {
    if (!(least > 0 && greatest > least && greatest <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("LearningRateFinder: the range must grow and be positive, got " + least
          + " to " + greatest);
    }
    this.least = least;
    this.greatest = greatest;
    return this;
  }

  /** Number of batches; if the data have fewer, they are run through again. Default 100. */
  public LearningRateFinder steps(int batches) {
    if (batches < 3) throw new IllegalArgumentException("LearningRateFinder: steps must be at least 3, got " + batches);
    steps = batches;
    return this;
  }

  /** It ends once the smoothed loss is so many times the best, or not finite. Default 4. */
  public LearningRateFinder divergence(double times) {
    if (!(times > 1)) throw new IllegalArgumentException("LearningRateFinder: divergence must exceed 1, got " + times);
    divergence = times;
    return this;
  }

  /**
   * The test.
   *
   * @throws IllegalArgumentException if the loader has no batch
   * @throws IllegalStateException inside {@link io.github.einkorn.NoGrad}
   */
  public Curve run(DataLoader data) {
    if (data.batches() < 1) throw new IllegalArgumentException("LearningRateFinder: the loader has no batch");
    Trainer.requireRecording("LearningRateFinder");
    long seed = Random.seed(), count = Random.count();
    try (var scope = new Scope(); var modes = new Modes(model)) {
      Map<String, Tensor> weights = copies(model.stateDict()), state = copies(optimizer.state());
      try {
        model.train();
        return train(data);
      } finally {
        Random.restore(seed, count);
        optimizer.zeroGrad();
        optimizer.load(state);
        model.loadStateDict(weights);
      }
    }
  }

  private static Map<String, Tensor> copies(Map<String, Tensor> all) {
    var copies = new LinkedHashMap<String, Tensor>();
    all.forEach((name, t) -> copies.put(name, t.copy()));
    return copies;
  }

  private Curve train(DataLoader data) {
    var curve = new Curve();
    double mean = 0, best = Double.POSITIVE_INFINITY;
    while (true) {
      try (var batches = data.iterator()) {
        while (batches.hasNext()) {
          int n = curve.rates.size();
          double rate = least * Math.pow(greatest / least, n / (steps - 1.0));
          optimizer.lr(rate);
          double cost = step(batches.next());
          mean = MEMORY * mean + (1 - MEMORY) * cost;
          double smoothed = mean / (1 - Math.pow(MEMORY, n + 1));
          if (!(smoothed <= divergence * best || n == 0) || !Double.isFinite(smoothed)) return curve;
          best = Math.min(best, smoothed);
          curve.add(rate, cost, smoothed);
          if (n + 1 == steps) return curve;
        }
      }
    }
  }

  private double step(Batch batch) {
    try (var scope = new Scope()) {
      optimizer.zeroGrad();
      return trainer.learn(model.forward(batch.inputs()), batch).total().item();
    }
  }

  /** Learning rates, and the loss of the batch that was trained at each. */
  public static final class Curve {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> smoothed = new ArrayList<>();

    Curve() {}

    void add(double rate, double loss, double mean) {
      rates.add(rate);
      losses.add(loss);
      smoothed.add(mean);
    }

    /** The learning rates, growing. */
    public List<Double> rates() {
      return List.copyOf(rates);
    }

    /** The losses as they were. */
    public List<Double> losses() {
      return List.copyOf(losses);
    }

    /** Their exponentially weighted averages, each 0.98 of the one before, without the bias of the beginning. */
    public List<Double> smoothed() {
      return List.copyOf(smoothed);
    }

    /**
     * The learning rate at which the smoothed loss falls most steeply over the logarithm of the rate. The first tenth,
     * where the average has seen little, and the last point are left out.
     *
     * @throws IllegalStateException if it falls nowhere
     */
    public double suggestion() {
      int found = -1;
      double steepest = 0;
      for (int i = rates.size() / 10 + 1; i < rates.size() - 2; i++) {
        double slope = smoothed.get(i + 1) - smoothed.get(i - 1);
        if (slope < steepest) {
          steepest = slope;
          found = i;
        }
      }
      if (found < 0) {
        throw new IllegalStateException("LearningRateFinder: the loss falls nowhere among " + rates.size()
            + " learning rates; try another range or more steps");
      }
      return rates.get(found);
    }
  }
}
