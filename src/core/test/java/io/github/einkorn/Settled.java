package io.github.einkorn;

/** Native memory, once what earlier tests left to the garbage collector is freed. */
public final class Settled {
  private Settled() {}

  /** {@link Memory#used()} that no collection lowers any more. */
  public static long used() {
    long used;
    do {
      used = Memory.used();
      System.gc();
      try {
        Thread.sleep(20); // the Cleaner's thread frees it
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    } while (Memory.used() != used);
    return used;
  }
}
