package io.github.einkorn.data;

import io.github.einkorn.Random;
import io.github.einkorn.data.transforms.Draws;
import java.util.Objects;

/**
 * Takes a data set apart into batches, once per iteration:
 *
 * <pre>{@code
 * var train = new DataLoader(Mnist.train()).batchSize(100).shuffle(true);
 * for (Batch batch : train) { … }
 * }</pre>
 *
 * <p>The next batches are made on background threads meanwhile; the results are the same for any number of them. A
 * batch is freed when the next one is taken, or when {@code hasNext()} has said that there is none, unless
 * {@link Batch#keep()} was called. An iterator that is given up before its end ends its threads when it is {@linkplain
 * Batches#close closed}, or when the garbage collector finds it.
 */
public final class DataLoader implements Iterable<Batch> {
  private final Dataset dataset;
  private int batchSize = 1;
  private boolean shuffle;
  private boolean dropLast;
  private int workers = 1;
  private int prefetch = 2;
  private Sampler sampler;
  private Long seed;
  private long epoch;

  /**
   * Batches of one sample, in order, until the options say otherwise.
   *
   * @throws IllegalArgumentException if the data set is empty
   */
  public DataLoader(Dataset dataset) {
    this.dataset = Objects.requireNonNull(dataset, "dataset");
    if (dataset.size() < 1) throw new IllegalArgumentException("DataLoader: the data set is empty");
  }

  /**
   * Samples in a batch; the last batch may have fewer. Default 1.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public DataLoader batchSize(int samples) {
    if (samples < 1) throw new IllegalArgumentException("DataLoader: batchSize must be at least 1, got " + samples);
    batchSize = samples;
    return this;
  }

  /**
   * Whether each iteration has an order of its own, drawn by the seed. Default false.
   *
   * @throws IllegalArgumentException if there is a sampler, which gives the order
   */
  public DataLoader shuffle(boolean wanted) {
    if (wanted && sampler != null) throw bothOrders();
    shuffle = wanted;
    return this;
  }

  /**
   * Which samples an iteration has, instead of all of them once.
   *
   * @throws IllegalArgumentException if the loader shuffles
   */
  public DataLoader sampler(Sampler which) {
    if (shuffle) throw bothOrders();
    sampler = Objects.requireNonNull(which, "sampler");
    return this;
  }

  private static IllegalArgumentException bothOrders() {
    return new IllegalArgumentException("DataLoader: a sampler gives the order: leave out shuffle(true)");
  }

  /**
   * The seed of orders and random transforms: the n-th iteration of a loader with this seed is always the same. Without
   * it, each iteration that needs one draws it from the state set by {@link io.github.einkorn.Einkorn#seed}.
   */
  public DataLoader seed(long value) {
    seed = value;
    epoch = 0;
    return this;
  }

  /** Whether a last batch of fewer samples is left out. Default false. */
  public DataLoader dropLast(boolean wanted) {
    dropLast = wanted;
    return this;
  }

  /**
   * Background threads that make batches, as many as it takes to decode and transform as fast as the model trains; 0
   * makes each batch when it is asked for. Several call the data set at once. Default 1.
   *
   * @throws IllegalArgumentException unless it lies in 0..256
   */
  public DataLoader workers(int threads) {
    if (threads < 0 || threads > 256) {
      throw new IllegalArgumentException("DataLoader: workers must lie in 0..256, got " + threads);
    }
    workers = threads;
    return this;
  }

  /**
   * Batches each worker makes ahead; 0 makes them when they are asked for. Default 2.
   *
   * @throws IllegalArgumentException unless it lies in 0..1024
   */
  public DataLoader prefetch(int count) {
    if (count < 0 || count > 1024) {
      throw new IllegalArgumentException("DataLoader: prefetch must lie in 0..1024, got " + count);
    }
    prefetch = count;
    return this;
  }

  /**
   * A loader of other data with the options of this one; with a seed, its iterations are counted anew.
   *
   * @throws IllegalArgumentException if there is a sampler, which is for these data
   */
  public DataLoader over(Dataset other) {
    if (sampler != null) throw new IllegalArgumentException("DataLoader: its sampler is for its own data set");
    var loader = new DataLoader(other).batchSize(batchSize).shuffle(shuffle).dropLast(dropLast).workers(workers)
        .prefetch(prefetch);
    loader.seed = seed;
    return loader;
  }

  /** The data set. */
  public Dataset dataset() {
    return dataset;
  }

  /** Samples in a full batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Number of batches in an iteration. */
  public int batches() {
    int size = chosen();
    return size / batchSize + (dropLast || size % batchSize == 0 ? 0 : 1);
  }

  /** Number of samples in an iteration: without those that are dropped. */
  public int samples() {
    return (int) Math.min(chosen(), (long) batches() * batchSize);
  }

  private int chosen() {
    return sampler == null ? dataset.size() : sampler.size();
  }

  /**
   * Begins an iteration.
   *
   * @throws IllegalArgumentException if there is no batch because the only one would be dropped, or if the sampler
   *     gives an index that the data set does not have
   */
  @Override
  public Batches iterator() {
    if (batches() == 0) {
      throw new IllegalArgumentException("DataLoader: dropLast leaves no batch of " + batchSize + " from " + chosen()
          + " samples");
    }
    Batches.Plan plan = plan();
    return workers == 0 || prefetch == 0 ? new Batches(plan) : new Batches(plan, workers, prefetch);
  }

  private Batches.Plan plan() {
    boolean random = dataset.seeded(0) != dataset;
    long key = !shuffle && sampler == null && !random ? 0
        : seed == null ? Random.key() : Draws.mix(seed, epoch++);
    Dataset samples = sampler == null ? dataset : sampled(key);
    int[] order = shuffle ? Order.shuffled(dataset.size(), key) : Order.range(0, samples.size());
    return new Batches.Plan(random ? samples.seeded(Draws.mix(key, 1)) : samples, order, batchSize, batches());
  }

  private Dataset sampled(long key) {
    int[] indices = sampler.indices(key);
    for (int i : indices) {
      if (i < 0 || i >= dataset.size()) {
        throw new IllegalArgumentException("DataLoader: the sampler gave index " + i + ", but the data set has "
            + dataset.size() + " samples");
      }
    }
    if (indices.length != sampler.size()) {
      throw new IllegalArgumentException("DataLoader: the sampler gave " + indices.length + " indices instead of "
          + sampler.size());
    }
    return dataset.subset(indices);
  }
}
