package io.github.einkorn.data;

import io.github.einkorn.Random;
import java.util.Iterator;
import java.util.Objects;

/**
 * Takes a data set apart into batches, once per iteration:
 *
 * <pre>{@code
 * var train = new DataLoader(Mnist.train()).batchSize(100).shuffle(true);
 * for (Batch batch : train) { … }
 * }</pre>
 *
 * <p>The next batches are made on a background thread meanwhile; the results are the same without. A batch is freed
 * when the next one is taken, or when {@code hasNext()} has said that there is none, unless {@link Batch#keep()} was
 * called. An iterator that is given up before its end is cleaned up by the garbage collector.
 */
public final class DataLoader implements Iterable<Batch> {
  private final Dataset dataset;
  private int batchSize = 1;
  private boolean shuffle;
  private boolean dropLast;
  private int prefetch = 2;
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

  /** Samples in a batch; the last batch may have fewer. Default 1. */
  public DataLoader batchSize(int samples) {
    if (samples < 1) throw new IllegalArgumentException("DataLoader: batchSize must be at least 1, got " + samples);
    batchSize = samples;
    return this;
  }

  /** Whether each iteration has an order of its own, drawn by the seed. Default false. */
  public DataLoader shuffle(boolean wanted) {
    shuffle = wanted;
    return this;
  }

  /**
   * The seed of the orders: the n-th iteration of a loader with this seed is always the same. Without it, each
   * iteration draws its order from the state set by {@link io.github.einkorn.Einkorn#seed}.
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

  /** Batches made ahead on a background thread; 0 makes them when they are asked for. Default 2. */
  public DataLoader prefetch(int count) {
    if (count < 0 || count > 1024) {
      throw new IllegalArgumentException("DataLoader: prefetch must lie in 0..1024, got " + count);
    }
    prefetch = count;
    return this;
  }

  /** A loader of other data with the options of this one; with a seed, its iterations are counted anew. */
  public DataLoader over(Dataset other) {
    var loader = new DataLoader(other).batchSize(batchSize).shuffle(shuffle).dropLast(dropLast).prefetch(prefetch);
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
    int size = dataset.size();
    return size / batchSize + (dropLast || size % batchSize == 0 ? 0 : 1);
  }

  /**
   * Begins an iteration.
   *
   * @throws IllegalArgumentException if there is no batch because the only one would be dropped
   */
  @Override
  public Iterator<Batch> iterator() {
    int size = dataset.size();
    if (batches() == 0) {
      throw new IllegalArgumentException("DataLoader: dropLast leaves no batch of " + batchSize + " from " + size
          + " samples");
    }
    var plan = new Batches.Plan(dataset, order(size), batchSize, batches());
    return prefetch == 0 ? new Batches(plan) : Batches.prefetched(plan, prefetch);
  }

  private int[] order(int size) {
    if (!shuffle) return Order.range(0, size);
    long key = seed == null ? Random.java().nextLong() : seed + 0x9E3779B97F4A7C15L * epoch++;
    return Order.shuffled(size, key);
  }
}
