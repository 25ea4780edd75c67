package io.github.einkorn;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * Frees the memory of the tensor that holds it when nobody can reach that any more. A training step makes the gradient
 * of a parameter anew each time; they hold one in turns, so that a Cleaner, which takes longer than a small kernel, is
 * registered once for all of them.
 */
final class Keeper implements Cleaner.Cleanable {
  private final Held held = new Held();

  private static final class Held implements Runnable {
    Storage storage; // of the tensor that is not closed, or null

    @Override
    public void run() {
      Storage s = storage;
      storage = null;
      if (s != null) s.run();
    }
  }

  Keeper(Cleaner cleaner) {
    cleaner.register(this, held);
  }

  /** Of a tensor that will hold this and {@link #clean} it; the one before has done so. Null frees nothing. */
  void hold(Storage storage) {
    held.storage = storage;
  }

  @Override
  public void clean() {
    held.run();
    Reference.reachabilityFence(this); // else the Cleaner's thread could come between
  }
}
