package io.github.einkorn.data.transforms;

/**
 * Bilinear resampling as in Pillow and in torchvision with antialias: each output is a mean of the inputs under a
 * triangle as wide as an output pixel, or as two input pixels if that is wider; columns first, then rows.
 */
final class Resample {
  private Resample() {}

  /** For every output: the first input, and the weights of the inputs from there on. */
  private record Weights(int[] first, float[][] weight) {
    static Weights of(int in, int out) {
      double scale = (double) in / out;
      double support = Math.max(scale, 1);
      int[] first = new int[out];
      float[][] weight = new float[out][];
      for (int i = 0; i < out; i++) {
        double center = (i + 0.5) * scale;
        int from = Math.max(0, (int) (center - support + 0.5));
        int to = Math.min(in, (int) (center + support + 0.5));
        double[] w = new double[to - from];
        double sum = 0;
        for (int j = 0; j < w.length; j++) {
          w[j] = Math.max(0, 1 - Math.abs((from + j - center + 0.5) / support));
          sum += w[j];
        }
        first[i] = from;
        weight[i] = new float[w.length];
        for (int j = 0; j < w.length; j++) weight[i][j] = (float) (w[j] / sum);
      }
      return new Weights(first, weight);
    }
  }

  static Image bilinear(Image image, int height, int width) {
    if (height == image.height() && width == image.width()) return image;
    return bilinear(image, 0, 0, image.height(), image.width(), height, width);
  }

  /** The window with this corner and these extents, which lies within the image, in another size. */
  static Image bilinear(Image image, int top, int left, int rows, int columns, int height, int width) {
    float[] out = new float[Image.size(image.channels(), height, width)];
    Weights across = Weights.of(columns, width);
    Weights down = Weights.of(rows, height);
    float[] line = new float[columns];
    float[] narrow = new float[Image.size(1, rows, width)];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < rows; y++) {
        image.row(c, top + y, left, line, 0, columns);
        for (int x = 0; x < width; x++) {
          float[] w = across.weight[x];
          int from = across.first[x];
          float sum = 0;
          for (int j = 0; j < w.length; j++) sum += w[j] * line[from + j];
          narrow[y * width + x] = sum;
        }
      }
      for (int y = 0; y < height; y++) {
        int to = (c * height + y) * width;
        for (int j = 0; j < down.weight[y].length; j++) {
          float w = down.weight[y][j];
          int from = (down.first[y] + j) * width;
          for (int x = 0; x < width; x++) out[to + x] += w * narrow[from + x];
        }
      }
    }
    return Image.of(out, image.channels(), height, width);
  }
}
