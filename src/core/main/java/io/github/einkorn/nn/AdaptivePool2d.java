package io.github.einkorn.nn;

/** The size that both adaptive poolings make images. */
abstract class AdaptivePool2d extends BuiltIn {
  final int height;
  final int width;

  AdaptivePool2d(int height, int width) {
    this.height = positive("height", height);
    this.width = positive("width", width);
  }

  @Override
  final int inputRank() {
    return 4;
  }

  @Override
  protected final String details() {
    return "output_size=(" + height + ", " + width + ")";
  }
}
