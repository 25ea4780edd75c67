package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_isa;
import static io.github.einkorn.global.einkorn.ek_set_profiling;
import static io.github.einkorn.global.einkorn.ek_set_threads;
import static io.github.einkorn.global.einkorn.ek_set_winograd;
import static io.github.einkorn.global.einkorn.ek_threads;
import static io.github.einkorn.global.einkorn.ek_versions;
import static io.github.einkorn.global.einkorn.ek_winograd;

import java.util.Arrays;

/** Settings of the whole process, and what was run: the random seed, the number of threads, versions, a profile. */
public final class Einkorn {
  private Einkorn() {}

  /** Starts the random numbers anew: weights, dropout, shuffling. The same seed gives the same results. */
  public static void seed(long seed) {
    Random.seed(seed);
  }

  /**
   * Uses up to n threads from now on. The default is the number of processors the process may use, cgroup limits
   * included. Results do not depend on it.
   *
   * @throws IllegalArgumentException unless n lies in 1..1024
   */
  public static void threads(int n) {
    Native.load();
    Native.check(ek_set_threads(n));
  }

  /** Number of threads in use. */
  public static int threads() {
    Native.load();
    return ek_threads();
  }

  /**
   * How 3x3 convolutions at strides 1 and 2, 5x5 ones at stride 1, 7x7 ones at stride 2, and those at stride 1 of few
   * channels with rows of 3, 5 or 7 weights are computed from now on. The default is {@link Winograd#F4}; the error of
   * each is said there.
   */
  public static void winograd(Winograd tile) {
    Native.load();
    Native.check(ek_set_winograd(tile.outputs));
  }

  /** The way in force. */
  public static Winograd winograd() {
    Native.load();
    int outputs = ek_winograd();
    return Arrays.stream(Winograd.values()).filter(w -> w.outputs == outputs).findFirst().orElseThrow();
  }

  /**
   * What has been run since the start, or since {@link #profile}, as a table, the longest first: every pass of every
   * shape of a convolution with the algorithm that computed it, the layout in which that computes, its calls, its rate
   * and its share of the time counted. The rate counts the operations of the direct convolution, whatever the algorithm
   * saves of them. Other operations are listed while {@link #profile} counts them. Of more than 1024 shapes the least
   * recent ones are forgotten.
   */
  public static String explain() {
    Native.load();
    return Profile.table();
  }

  /**
   * Counts for {@link #explain()} from zero: every operation, or convolutions alone, as at the start. A call that is
   * counted takes 0.1 µs more.
   */
  public static void profile(boolean all) {
    Native.load();
    Native.check(ek_set_profiling(all ? 1 : 0));
  }

  /** The instruction set of the kernels: {@code avx512}, {@code avx2} or {@code scalar}. */
  public static String isa() {
    Native.load();
    return ek_isa().getString();
  }

  /** Versions of Einkorn's natives, oneDNN and OpenBLAS. */
  public static String versions() {
    Native.load();
    return ek_versions().getString();
  }
}
