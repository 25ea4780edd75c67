package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;
import java.util.stream.Stream;

/** Means and covariances of the channels over all pixels of images. */
final class Statistics {
  private final double[] sum;
  private final double[][] product;
  private long pixels;

  private Statistics(int channels) {
    sum = new double[channels];
    product = new double[channels][channels];
  }

  static Statistics of(Stream<Image> images) {
    Statistics all = null;
    for (var i = images.iterator(); i.hasNext(); ) {
      Image image = i.next();
      if (all == null) all = new Statistics(image.channels());
      all.add(image);
    }
    if (all == null) throw new IllegalArgumentException("statistics need at least one image");
    return all;
  }

  private void add(Image image) {
    int channels = sum.length;
    if (image.channels() != channels) {
      throw new ShapeException("statistics: images of " + channels + " channels, then one of " + image.channels());
    }
    float[][] rows = new float[channels][image.width()];
    for (int y = 0; y < image.height(); y++) {
      for (int c = 0; c < channels; c++) image.row(c, y, 0, rows[c], 0, image.width());
      for (int a = 0; a < channels; a++) {
        for (float v : rows[a]) sum[a] += v;
        for (int b = 0; b <= a; b++) {
          double total = 0;
          for (int x = 0; x < image.width(); x++) total += (double) rows[a][x] * rows[b][x];
          product[a][b] += total;
        }
      }
    }
    pixels += (long) image.height() * image.width();
  }

  double[] mean() {
    double[] mean = new double[sum.length];
    for (int c = 0; c < mean.length; c++) mean[c] = sum[c] / pixels;
    return mean;
  }

  double[][] covariance() {
    double[] mean = mean();
    double[][] covariance = new double[mean.length][mean.length];
    for (int a = 0; a < mean.length; a++) {
      for (int b = 0; b <= a; b++) {
        covariance[a][b] = covariance[b][a] = product[a][b] / pixels - mean[a] * mean[b];
      }
    }
    return covariance;
  }
}
