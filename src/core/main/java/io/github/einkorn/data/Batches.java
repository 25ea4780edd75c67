package io.github.einkorn.data;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * One iteration of a {@link DataLoader}. One that is given up before its end is to be closed, to end its threads:
 *
 * <pre>{@code
 * try (Batches batches = loader.iterator()) {
 *   Batch first = batches.next();
 * }
 * }</pre>
 */
public final class Batches implements Iterator<Batch>, AutoCloseable {
  static final String WHO = "its DataLoader: a batch lives until the next one is taken, unless batch.keep() is called";
  private static final Cleaner CLEANER = Cleaner.create();

  /** Which samples make up which batch. */
  record Plan(Dataset dataset, int[] order, int batchSize, int batches) {
    /** Temporaries of the data set die here; the batch belongs to the iterator. */
    Batch make(int i) {
      int from = i * batchSize;
      int[] indices = Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize));
      try (var scope = new Scope(); var off = new NoGrad()) {
        return dataset.batch(indices).keepTensors();
      }
    }
  }

  private final Plan plan;
  private final Workers workers; // null: batches are made when they are asked for
  private final Cleaner.Cleanable cleanup;
  private int next;
  private Batch current;

  /** Makes each batch when it is asked for. */
  Batches(Plan plan) {
    this.plan = plan;
    this.workers = null;
    this.cleanup = null;
  }

  /** Makes up to {@code ahead} batches for each of the threads before they are asked for. */
  Batches(Plan plan, int threads, int ahead) {
    this.plan = plan;
    this.workers = new Workers(plan, threads, ahead);
    this.cleanup = CLEANER.register(this, workers::halt);
    workers.start();
  }

  @Override
  public boolean hasNext() {
    if (next < plan.batches) return true;
    close();
    return false;
  }

  @Override
  public Batch next() {
    freeCurrent();
    if (next >= plan.batches) {
      close();
      throw new NoSuchElementException("this iteration of " + plan.batches + " batches has ended");
    }
    try {
      current = workers == null ? plan.make(next) : workers.take();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    next++;
    return current;
  }

  private void freeCurrent() {
    if (current != null) current.free(WHO);
    current = null;
  }

  /**
   * Ends the iteration: frees the last batch and those made ahead, and ends the threads, each after the batch that it
   * is making, for which this does not wait.
   */
  @Override
  public void close() {
    next = plan.batches;
    freeCurrent();
    if (cleanup != null) cleanup.clean();
  }
}
