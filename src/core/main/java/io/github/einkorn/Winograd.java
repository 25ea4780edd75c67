package io.github.einkorn;

/**
 * Ways to compute 3x3 and 5x5 convolutions, 7x7 ones at stride 2, and their gradients by Winograd's minimal
 * filtering (Lavin and Gray, 2016), in tiles of outputs. Errors are the largest one over the root mean square of the
 * result, for normally distributed data and weights of 16 to 64 channels, of 3 and more for 7x7.
 */
public enum Winograd {
  /**
   * Tiles of 4x4, a quarter of the multiplications (81 of 144 at stride 2), for 5x5 convolutions of 2x2, a good third,
   * and for 7x7 ones at stride 2 of 3x3, 121 of 441: errors below 2e-5 (weight gradients 4e-5).
   */
  F4(4),
  /**
   * Tiles of 2x2, four ninths of the multiplications, about as exact as direct convolution; 5x5 and stride 2 are
   * direct.
   */
  F2(2),
  /** Direct convolution: exact on small whole numbers. */
  OFF(0);

  final int outputs;

  Winograd(int outputs) {
    this.outputs = outputs;
  }
}
