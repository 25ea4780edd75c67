package io.github.einkorn.data.transforms;

import java.util.SplittableRandom;

/** The random numbers of one sample: they depend on a seed and the sample's index alone, on every platform. */
public final class Draws {
  private final SplittableRandom random;

  /** The numbers of a sample under a seed. */
  public Draws(long seed, long index) {
    random = new SplittableRandom(mix(seed, index));
  }

  /** A seed made of another one and a number: unrelated for each pair. */
  public static long mix(long seed, long number) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + number).nextLong();
  }

  /** Uniform in [0, 1). */
  public double uniform() {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }

  /** Uniform between two bounds. */
  public double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** One of 0, 1, …, n - 1. */
  public int integer(int n) {
    if (n < 1) throw new IllegalArgumentException("Draws: n must be at least 1, got " + n);
    return (int) ((random.nextLong() >>> 33) * n >>> 31); // 31 random bits, scaled
  }

  /** True with probability p. */
  public boolean chance(double p) {
    return uniform() < p;
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller 1958). */
  public double normal() {
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }
}
