package io.github.einkorn.data;

/** Says which samples an iteration of a {@link DataLoader} has, and in which order. */
public interface Sampler {
  /** Number of indices of an iteration. */
  int size();

  /** The indices of one iteration, {@link #size()} of them; they depend on the seed alone. */
  int[] indices(long seed);
}
