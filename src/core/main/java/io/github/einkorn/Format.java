package io.github.einkorn;

/**
 * How the elements of a tensor lie in memory. The shape a program sees is always the logical one, (N, C, H, W) for
 * images; the format is a matter of speed and never changes a result.
 */
public enum Format {
  /** The last dimension varies fastest. */
  CONTIGUOUS,
  /** Only for four dimensions (N, C, H, W): stored as (N, H, W, C), so that the channels of a pixel are neighbours. */
  CHANNELS_LAST
}
