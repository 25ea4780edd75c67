package io.github.einkorn;

/**
 * Ways to compute 3x3 and 5x5 convolutions, 7x7 ones at stride 2, and their gradients by Winograd's minimal
 * filtering (Lavin and Gray, 2016), in tiles of outputs; of few input channels along rows alone. Errors are the largest
 * one over the root mean square of the result, for normally distributed data and weights of 16 to 64 channels, of 3 and
 * more for 7x7, of 1 to 15 along rows.
 */
public enum Winograd {
  /**
   * Tiles of 4x4, a quarter of the multiplications (81 of 144 at stride 2), for 5x5 convolutions of 3x3, 49 of 225, or
   * 2x2, and for 7x7 ones at stride 2 of 3x3, 121 of 441: errors below 2e-5 (weight gradients 4e-5). Of 64 channels and
   * more, tiles of 5x5 where they divide an image so much better that they need a seventh fewer multiplications: errors
   * below 3e-5. Of few channels, where that is faster, 6, 4 or 2 outputs of a row of 3, 5 or 7 weights, 8
   * multiplications for 18, 20 or 14. An infinite or NaN input may make NaN of other outputs of its tiles.
   */
  F4(4),
  /**
   * Tiles of 2x2, four ninths of the multiplications, about as exact as direct convolution; 5x5, stride 2 and few
   * channels are direct.
   */
  F2(2),
  /** Direct convolution: exact on small whole numbers. */
  OFF(0);

  final int outputs;

  Winograd(int outputs) {
    this.outputs = outputs;
  }
}
