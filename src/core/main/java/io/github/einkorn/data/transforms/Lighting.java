package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * AlexNet's lighting: to every pixel [p1, p2, p3] [α1 λ1, α2 λ2, α3 λ3]ᵀ is added, where p and λ are the eigenvectors
 * and eigenvalues of the covariance of red, green and blue over the training set, and the α are normal with deviation
 * 0.1, drawn once for an image (Krizhevsky, Sutskever, Hinton 2012). The sum may leave [0, 1]; it belongs before
 * {@link Normalize}.
 */
public final class Lighting implements Transform {
  private static final double[] VALUES = {0.2175, 0.0188, 0.0045};
  private static final double[][] VECTORS = {
      {-0.5675, -0.5808, -0.5836}, {0.7192, -0.0045, -0.6948}, {0.4009, -0.8140, 0.4203}};

  private final double deviation;
  private final double[] values;
  private final double[][] vectors; // vectors[k] belongs to values[k]

  /** With the paper's deviation of 0.1, and ImageNet's eigenvectors for values in [0, 1] (fb.resnet.torch). */
  public Lighting() {
    this(0.1, VALUES, VECTORS);
  }

  private Lighting(double deviation, double[] values, double[][] vectors) {
    this.deviation = deviation;
    this.values = values;
    this.vectors = vectors;
  }

  /** The eigenvectors of other images; reads every pixel. */
  public static Lighting fit(Stream<Image> images) {
    double[][] covariance = Statistics.of(images).covariance();
    if (covariance.length != 3) {
      throw new ShapeException("Lighting: expected images of 3 channels, got " + covariance.length);
    }
    double[][] vectors = new double[3][3];
    double[] values = Eigen.symmetric(covariance, vectors);
    return new Lighting(0.1, values, vectors);
  }

  /** The same with another deviation of the α. */
  public Lighting deviation(double sigma) {
    Args.notNegative("Lighting: deviation", sigma);
    return new Lighting(sigma, values, vectors);
  }

  /** λ1, λ2, λ3, falling. */
  public double[] eigenvalues() {
    return values.clone();
  }

  /** p1, p2, p3, each of length 1: red, green, blue. */
  public double[][] eigenvectors() {
    return Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    if (image.channels() != 3) {
      throw new ShapeException("Lighting: expected 3 channels (red, green, blue), got " + image.channels());
    }
    double[] add = new double[3];
    for (int k = 0; k < 3; k++) {
      double by = deviation * draws.normal() * values[k];
      for (int c = 0; c < 3; c++) add[c] += by * vectors[k][c];
    }
    float[] out = image.toFloats();
    int plane = out.length / 3;
    for (int c = 0; c < 3; c++) {
      float by = (float) add[c];
      for (int i = c * plane; i < (c + 1) * plane; i++) out[i] += by;
    }
    return image.with(out);
  }

  @Override
  public String toString() {
    return "Lighting(" + deviation + ")";
  }
}
