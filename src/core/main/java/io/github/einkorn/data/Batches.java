package io.github.einkorn.data;

import io.github.einkorn.EinkornException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;

/** One iteration of a {@link DataLoader}. */
final class Batches implements Iterator<Batch> {
  private static final String WHO =
      "its DataLoader: a batch lives until the next one is taken, unless batch.keep() is called";
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
  private final Worker worker; // null: no background thread
  private final Cleaner.Cleanable cleanup;
  private int next;
  private Batch current;

  /** Makes each batch when it is asked for. */
  Batches(Plan plan) {
    this.plan = plan;
    this.worker = null;
    this.cleanup = null;
  }

  private Batches(Plan plan, Worker worker) {
    this.plan = plan;
    this.worker = worker;
    this.cleanup = CLEANER.register(this, worker::halt);
  }

  /** Makes up to {@code ahead} batches on a background thread. */
  static Batches prefetched(Plan plan, int ahead) {
    Worker worker = new Worker(plan, ahead);
    Batches batches = new Batches(plan, worker);
    worker.start();
    return batches;
  }

  @Override
  public boolean hasNext() {
    if (next < plan.batches) return true;
    finish();
    return false;
  }

  @Override
  public Batch next() {
    freeCurrent();
    if (next >= plan.batches) {
      finish();
      throw new NoSuchElementException("this iteration has given its " + plan.batches + " batches");
    }
    try {
      current = worker == null ? plan.make(next) : worker.take();
    } catch (RuntimeException | Error e) {
      next = plan.batches;
      finish();
      throw e;
    }
    next++;
    return current;
  }

  private void freeCurrent() {
    if (current != null) current.free(WHO);
    current = null;
  }

  private void finish() {
    freeCurrent();
    if (cleanup != null) cleanup.clean();
  }

  /**
   * Fills a queue until the iteration ends or is stopped. Refers to nothing that refers to the iterator, so that one
   * that was given up is collected, and stops this.
   */
  private static final class Worker extends Thread {
    private final Plan plan;
    private final ArrayBlockingQueue<Object> queue; // batches, or the Throwable that ended them
    private volatile boolean stopped;

    Worker(Plan plan, int ahead) {
      super("einkorn-data");
      setDaemon(true);
      this.plan = plan;
      this.queue = new ArrayBlockingQueue<>(ahead);
    }

    @Override
    public void run() {
      try {
        for (int i = 0; i < plan.batches && !stopped; i++) put(plan.make(i));
      } catch (InterruptedException e) {
        // stopped while it waited: the batch was freed by put
      } catch (Throwable e) {
        try {
          queue.put(e);
        } catch (InterruptedException stop) {
          // nobody waits for it any more
        }
      }
      if (stopped) drain();
    }

    private void put(Batch batch) throws InterruptedException {
      try {
        queue.put(batch);
      } catch (InterruptedException e) {
        batch.free(WHO);
        throw e;
      }
    }

    Batch take() {
      Object taken;
      try {
        taken = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for a batch", e);
      }
      if (taken instanceof RuntimeException e) throw e;
      if (taken instanceof Error e) throw e;
      if (taken instanceof Throwable e) throw new EinkornException("the data set failed", e);
      return (Batch) taken;
    }

    void halt() {
      stopped = true;
      interrupt();
      drain();
    }

    private void drain() {
      Object left;
      while ((left = queue.poll()) != null) if (left instanceof Batch b) b.free(WHO);
    }
  }
}
