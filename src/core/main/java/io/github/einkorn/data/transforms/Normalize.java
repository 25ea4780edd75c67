package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;
import io.github.einkorn.ShapeException;
import java.util.Arrays;
import java.util.stream.Stream;

/** y = (x - mean) / std in each channel. */
public final class Normalize implements FixedTransform {
  private final double[] mean;
  private final double[] std;

  /**
   * One mean and one deviation for each channel, of values in [0, 1].
   *
   * @throws IllegalArgumentException if there are not as many of both, or a deviation is not positive
   */
  public Normalize(double[] mean, double[] std) {
    if (mean.length == 0 || mean.length != std.length) {
      throw new IllegalArgumentException("Normalize: " + mean.length + " means and " + std.length + " deviations");
    }
    for (double m : mean) Check.finite("Normalize: mean", m);
    for (double s : std) {
      if (!(s > 0)) throw new IllegalArgumentException("Normalize: a deviation must be positive, got " + s);
      Check.finite("Normalize: 1 / std", 1 / s);
    }
    this.mean = mean.clone();
    this.std = std.clone();
  }

  /** ImageNet's, which pretrained models expect: (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225). */
  public static Normalize imageNet() {
    return new Normalize(new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});
  }

  /** Means and deviations of all pixels of these images. */
  public static Normalize fit(Stream<Image> images) {
    Statistics all = Statistics.of(images);
    double[] mean = all.mean();
    double[][] covariance = all.covariance();
    double[] std = new double[mean.length];
    for (int c = 0; c < std.length; c++) std[c] = Math.sqrt(Math.max(0, covariance[c][c]));
    return new Normalize(mean, std);
  }

  /** The means. */
  public double[] mean() {
    return mean.clone();
  }

  /** The deviations. */
  public double[] std() {
    return std.clone();
  }

  @Override
  public Image apply(Image image) {
    if (image.channels() != mean.length) {
      throw new ShapeException(this + ": expected " + mean.length + " channels, got " + image.channels());
    }
    float[] values = image.toFloats();
    int plane = values.length / mean.length;
    for (int c = 0; c < mean.length; c++) {
      float m = (float) mean[c];
      float s = (float) std[c];
      for (int i = c * plane; i < (c + 1) * plane; i++) values[i] = (values[i] - m) / s;
    }
    return image.with(values);
  }

  @Override
  public String toString() {
    return "Normalize(mean=" + Arrays.toString(mean) + ", std=" + Arrays.toString(std) + ")";
  }
}
