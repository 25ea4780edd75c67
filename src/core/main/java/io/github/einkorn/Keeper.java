package io.github.einkorn;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Frees the memory of the tensor that holds it when nobody can reach that any more. A training step makes the gradient
 * of a parameter anew each time; they hold one in turns, so that a Cleaner, which takes longer than a small kernel, is
 * registered once for all of them.
 */
final class Keeper implements Cleaner.Cleanable {
  private final Held held = new Held();

  private static final class Held implements Runnable {
    final AtomicReference<Storage> storage = new AtomicReference<>(); // of the tensor that is not closed, or null

    @Override
    public void run() {
      Storage s = storage.getPlain(); // only the tensor that holds it, closed once, or the Cleaner comes here
      storage.setRelease(null);
      if (s != null) s.run();
    }
  }

  Keeper(Cleaner cleaner) {
    cleaner.register(this, held);
  }

  /** Of a tensor that will hold this and {@link #clean} it; false if another one does so still. */
  boolean hold(Storage storage) {
    return held.storage.compareAndSet(null, storage);
  }

  @Override
  public void clean() {
    held.run();
    Reference.reachabilityFence(this); // else the Cleaner's thread could come between
  }
}
