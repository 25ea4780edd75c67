package io.github.einkorn;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process's random numbers: Philox blocks of four, counted from the seed. An operation that needs n numbers claims
 * a range of counts, so that its result depends on the seed and the order of operations alone.
 */
public final class Random {
  private static volatile long seed = 0;
  private static final AtomicLong COUNT = new AtomicLong();

  private Random() {}

  static void seed(long s) {
    seed = s;
    COUNT.set(0);
  }

  /** The seed in force. */
  public static long seed() {
    return seed;
  }

  /** Claims counts for n numbers; returns the first. */
  public static long claim(long n) {
    return COUNT.getAndAdd((n + 3) / 4);
  }

  /** How many counts were claimed since the seed was set: with {@link #seed()} the whole state. */
  public static long count() {
    return COUNT.get();
  }

  /** Restores a state. */
  public static void restore(long seedThen, long countThen) {
    seed = seedThen;
    COUNT.set(countThen);
  }

  /** A seed for what draws numbers by itself, such as the order of a data set, drawn from this state. */
  public static long key() {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + claim(1)).nextLong();
  }

  /**
   * A Java generator, drawn from this state. Its seed is a {@link #key()}: a generator's seeds that differ by its own
   * step, as those of neighbouring states would, give one sequence, shifted.
   */
  public static SplittableRandom java() {
    return new SplittableRandom(key());
  }
}
