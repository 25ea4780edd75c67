package io.github.einkorn.data;

import io.github.einkorn.EinkornException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Threads that make the batches of one iteration ahead; they are taken in order. Each thread claims the next batch that
 * nobody makes yet, if it is not too far ahead, and puts it into the slot of its number. Refers to nothing that refers
 * to the iterator, so that one that was given up is collected, and stops this.
 */
final class Workers {
  private final Batches.Plan plan;
  private final Object[] slots; // a batch, or the Throwable that came instead
  private final List<Thread> threads = new ArrayList<>();
  private int claimed;
  private int taken;
  private boolean stopped;

  Workers(Batches.Plan plan, int threads, int ahead) {
    this.plan = plan;
    slots = new Object[threads * ahead];
    for (int i = 0; i < Math.min(threads, plan.batches()); i++) {
      Thread t = new Thread(this::work, "einkorn-data-" + i);
      t.setDaemon(true);
      this.threads.add(t);
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  private void work() {
    for (int i; (i = claim()) >= 0; ) {
      try {
        put(i, plan.make(i));
      } catch (Throwable e) {
        put(i, e);
      }
    }
  }

  /** The number of a batch to make, or -1 if there is none left. */
  private synchronized int claim() {
    while (!stopped && claimed < plan.batches() && claimed - taken >= slots.length) {
      try {
        wait();
      } catch (InterruptedException e) {
        // by what the data set did before: the condition tells
      }
    }
    return stopped || claimed == plan.batches() ? -1 : claimed++;
  }

  private synchronized void put(int i, Object made) {
    if (stopped) {
      free(made);
      return;
    }
    slots[i % slots.length] = made;
    if (made instanceof Throwable) claimed = plan.batches(); // nothing after it is asked for
    notifyAll();
  }

  /** The next batch in order; throws what the data set threw instead, or that there is none any more. */
  synchronized Batch take() {
    int slot = taken % slots.length;
    while (slots[slot] == null) {
      if (stopped) throw new NoSuchElementException("this iteration was closed while a batch was waited for");
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for a batch", e);
      }
    }
    Object made = slots[slot];
    slots[slot] = null;
    taken++;
    notifyAll();
    if (made instanceof RuntimeException e) throw e;
    if (made instanceof Error e) throw e;
    if (made instanceof Throwable e) throw new EinkornException("the data set failed", e);
    return (Batch) made;
  }

  /** Ends the threads, each after the batch it is making: an interrupt would close the files of a data set for good. */
  synchronized void halt() {
    stopped = true;
    for (int i = 0; i < slots.length; i++) {
      free(slots[i]);
      slots[i] = null;
    }
    notifyAll();
  }

  private static void free(Object made) {
    if (made instanceof Batch b) b.free(Batches.WHO);
  }
}
