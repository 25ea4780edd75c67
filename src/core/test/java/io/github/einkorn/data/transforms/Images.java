package io.github.einkorn.data.transforms;

import java.util.SplittableRandom;

/** Images for tests. */
final class Images {
  private Images() {}

  /** Random bytes. */
  static Image noise(int channels, int height, int width, long seed) {
    byte[] values = new byte[channels * height * width];
    new SplittableRandom(seed).nextBytes(values);
    return Image.of(values, channels, height, width);
  }

  /** One value for every pixel that says where it is: (y · width + x + 1) / pixels. */
  static Image places(int height, int width) {
    float[] values = new float[height * width];
    for (int i = 0; i < values.length; i++) values[i] = (i + 1f) / values.length;
    return Image.of(values, 1, height, width);
  }

  static Image flat(int height, int width, float... channels) {
    float[] values = new float[channels.length * height * width];
    for (int i = 0; i < values.length; i++) values[i] = channels[i / (height * width)];
    return Image.of(values, channels.length, height, width);
  }
}
