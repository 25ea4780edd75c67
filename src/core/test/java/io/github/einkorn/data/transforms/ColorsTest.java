package io.github.einkorn.data.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ShapeException;
import java.awt.Color;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ColorsTest {
  private static final Image IN = Images.noise(3, 6, 7, 1);
  private static final int N = 42;

  private static double luma(Image image, int i) {
    float[] v = image.toFloats();
    return 0.2989 * v[i] + 0.587 * v[N + i] + 0.114 * v[2 * N + i];
  }

  private static double clamp(double v) {
    return Math.max(0, Math.min(1, v));
  }

  @Test
  void greyIsLuma() {
    Image one = new Grayscale().apply(IN);
    Image three = new Grayscale(3).apply(IN);
    assertThat(one.toString()).isEqualTo("Image(1, 6, 7)");
    for (int i = 0; i < N; i++) {
      assertThat((double) one.toFloats()[i]).isCloseTo(luma(IN, i), within(1e-6));
      for (int c = 0; c < 3; c++) assertThat(three.toFloats()[c * N + i]).isEqualTo(one.toFloats()[i]);
    }
    assertThat(new Grayscale(3).apply(one).toFloats()).isEqualTo(three.toFloats());
    assertThatThrownBy(() -> new Grayscale(2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Grayscale().apply(Images.noise(4, 2, 2, 1))).isInstanceOf(ShapeException.class);
  }

  @Test
  void brightnessContrastAndSaturationBlend() {
    double mean = IntStream.range(0, N).mapToDouble(i -> luma(IN, i)).average().orElseThrow();
    for (double factor : new double[] {0, 0.3, 1, 1.7}) {
      float[] bright = IN.toFloats();
      Colors.brightness(bright, factor);
      float[] contrast = IN.toFloats();
      Colors.contrast(contrast, 3, factor);
      float[] saturated = IN.toFloats();
      Colors.saturation(saturated, 3, factor);
      for (int i = 0; i < 3 * N; i++) {
        double v = IN.toFloats()[i];
        assertThat((double) bright[i]).isCloseTo(clamp(factor * v), within(1e-6));
        assertThat((double) contrast[i]).isCloseTo(clamp(factor * v + (1 - factor) * mean), within(1e-6));
        assertThat((double) saturated[i]).isCloseTo(clamp(factor * v + (1 - factor) * luma(IN, i % N)), within(1e-6));
      }
    }
  }

  @Test
  void hueTurnsAsAwtDoes() {
    for (double turn : new double[] {-0.5, -0.2, 0, 0.13, 0.5}) {
      float[] out = IN.toFloats();
      Colors.hue(out, 3, turn);
      float[] in = IN.toFloats();
      for (int i = 0; i < N; i++) {
        float[] hsb = Color.RGBtoHSB(Math.round(in[i] * 255), Math.round(in[N + i] * 255),
            Math.round(in[2 * N + i] * 255), null);
        int rgb = Color.HSBtoRGB((float) (hsb[0] + turn), hsb[1], hsb[2]);
        for (int c = 0; c < 3; c++) {
          double wanted = (rgb >> (16 - 8 * c) & 255) / 255.0;
          assertThat((double) out[c * N + i]).isCloseTo(wanted, within(1.01 / 255));
        }
      }
    }
    float[] grey = {0.5f, 0.5f, 0.5f};
    Colors.hue(grey, 3, 0.3);
    assertThat(grey).containsExactly(0.5f, 0.5f, 0.5f);
  }

  @Test
  void jitterDrawsItsFactors() {
    double least = 2;
    double most = 0;
    for (int i = 0; i < 400; i++) {
      Image half = Images.flat(1, 1, 0.5f, 0.5f, 0.5f);
      float v = new ColorJitter().brightness(0.4).apply(half, new Draws(1, i)).get(0, 0, 0);
      least = Math.min(least, v / 0.5);
      most = Math.max(most, v / 0.5);
    }
    assertThat(least).isBetween(0.6, 0.63);
    assertThat(most).isBetween(1.37, 1.4 + 1e-6);
    float[] same = new ColorJitter().apply(IN, new Draws(0, 0)).toFloats();
    for (int i = 0; i < same.length; i++) assertThat(same[i]).isCloseTo(IN.toFloats()[i], within(1e-6f));
    Image grey = new ColorJitter(0.5, 0.5, 0.5, 0.5).apply(Images.noise(1, 3, 3, 1), new Draws(0, 1));
    assertThat(grey.channels()).isEqualTo(1);
    assertThatThrownBy(() -> new ColorJitter().hue(0.6)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ColorJitter().contrast(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void normalizeByGivenAndByMeasuredNumbers() {
    Image out = Normalize.imageNet().apply(IN);
    double[] mean = {0.485, 0.456, 0.406};
    double[] std = {0.229, 0.224, 0.225};
    for (int i = 0; i < 3 * N; i++) {
      assertThat((double) out.toFloats()[i])
          .isCloseTo((IN.toFloats()[i] - mean[i / N]) / std[i / N], within(1e-5));
    }
    Image other = Images.noise(3, 9, 4, 2);
    Normalize fitted = Normalize.fit(Stream.of(IN, other));
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      double squares = 0;
      for (Image image : new Image[] {IN, other}) {
        for (int y = 0; y < image.height(); y++) {
          for (int x = 0; x < image.width(); x++) {
            sum += image.get(c, y, x);
            squares += Math.pow(image.get(c, y, x), 2);
          }
        }
      }
      int pixels = N + 36;
      assertThat(fitted.mean()[c]).isCloseTo(sum / pixels, within(1e-9));
      assertThat(fitted.std()[c]).isCloseTo(Math.sqrt(squares / pixels - Math.pow(sum / pixels, 2)), within(1e-6));
    }
    assertThatThrownBy(() -> Normalize.imageNet().apply(Images.noise(1, 2, 2, 1))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("expected 3 channels, got 1");
    assertThatThrownBy(() -> new Normalize(new double[] {0}, new double[] {0}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Normalize(new double[2], new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Normalize.fit(Stream.of(Images.flat(2, 2, 1)))).hasMessageContaining("deviation");
    assertThatThrownBy(() -> Normalize.fit(Stream.empty())).hasMessageContaining("at least one image");
  }

  /** What is added is the same at every pixel, lies along the eigenvectors, and has their deviations. */
  @Test
  void lightingIsThePapers() {
    Lighting lighting = new Lighting();
    double[][] p = lighting.eigenvectors();
    double[] squares = new double[3];
    int n = 4000;
    for (int i = 0; i < n; i++) {
      float[] out = lighting.apply(Images.flat(2, 2, 0.5f, 0.5f, 0.5f), new Draws(3, i)).toFloats();
      assertThat(out[0]).isEqualTo(out[3]);
      assertThat(out[8]).isEqualTo(out[11]);
      for (int k = 0; k < 3; k++) {
        double along = 0;
        for (int c = 0; c < 3; c++) along += (out[4 * c] - 0.5) * p[k][c];
        squares[k] += along * along / n;
      }
    }
    double[] lambda = {0.2175, 0.0188, 0.0045};
    for (int k = 0; k < 3; k++) {
      assertThat(Math.sqrt(squares[k])).isCloseTo(0.1 * lambda[k], within(0.05 * 0.1 * lambda[k]));
      for (int j = 0; j < 3; j++) {
        double dot = p[k][0] * p[j][0] + p[k][1] * p[j][1] + p[k][2] * p[j][2];
        assertThat(dot).isCloseTo(k == j ? 1 : 0, within(1e-3));
      }
    }
    assertThat(lighting.deviation(0).apply(IN, new Draws(0, 0)).toFloats()).isEqualTo(IN.toFloats());
    assertThatThrownBy(() -> lighting.apply(Images.noise(1, 2, 2, 1), new Draws(0, 0)))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void eigenvectorsOfOnesOwnImages() {
    Image images = Images.noise(3, 40, 50, 8);
    float[] mixed = images.toFloats(); // correlated channels
    int n = 2000;
    for (int i = 0; i < n; i++) {
      mixed[n + i] = 0.7f * mixed[i] + 0.3f * mixed[n + i];
      mixed[2 * n + i] = 0.5f * mixed[n + i] - 0.2f * mixed[2 * n + i];
    }
    Lighting lighting = Lighting.fit(Stream.of(Image.of(mixed, 3, 40, 50)));
    double[][] covariance = new double[3][3];
    double[] mean = new double[3];
    for (int c = 0; c < 3; c++) for (int i = 0; i < n; i++) mean[c] += mixed[c * n + i] / (double) n;
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        for (int i = 0; i < n; i++) {
          covariance[a][b] += (mixed[a * n + i] - mean[a]) * (mixed[b * n + i] - mean[b]) / n;
        }
      }
    }
    double[] lambda = lighting.eigenvalues();
    assertThat(lambda[0]).isGreaterThan(lambda[1]);
    assertThat(lambda[1]).isGreaterThan(lambda[2]);
    assertThat(lambda[0] + lambda[1] + lambda[2])
        .isCloseTo(covariance[0][0] + covariance[1][1] + covariance[2][2], within(1e-9));
    for (int k = 0; k < 3; k++) {
      double[] v = lighting.eigenvectors()[k];
      for (int a = 0; a < 3; a++) {
        double product = covariance[a][0] * v[0] + covariance[a][1] * v[1] + covariance[a][2] * v[2];
        assertThat(product).isCloseTo(lambda[k] * v[a], within(1e-9));
      }
      assertThat(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void erasingWritesOneRectangle() {
    Image in = Images.flat(30, 40, 1, 1, 1);
    int touched = 0;
    for (int i = 0; i < 400; i++) {
      Image out = new RandomErasing().value(0.25).apply(in, new Draws(4, i));
      if (out == in) continue;
      touched++;
      int top = 30;
      int bottom = -1;
      int left = 40;
      int right = -1;
      int count = 0;
      for (int y = 0; y < 30; y++) {
        for (int x = 0; x < 40; x++) {
          float v = out.get(0, y, x);
          assertThat(out.get(2, y, x)).isEqualTo(v);
          if (v == 1) continue;
          assertThat(v).isEqualTo(0.25f);
          count++;
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
          left = Math.min(left, x);
          right = Math.max(right, x);
        }
      }
      assertThat(count).isEqualTo((bottom - top + 1) * (right - left + 1));
      assertThat(count / 1200.0).isBetween(0.01, 0.36);
    }
    assertThat(touched).isBetween(150, 250);
    float[] noise = new RandomErasing(1).scale(0.3, 0.33).noise().apply(in, new Draws(4, 1)).toFloats();
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (float v : noise) {
      if (v == 1) continue;
      count++;
      sum += v;
      squares += v * v;
    }
    assertThat(count).isGreaterThan(1000);
    assertThat(sum / count).isBetween(-0.1, 0.1);
    assertThat(squares / count).isBetween(0.9, 1.1);
    assertThatThrownBy(() -> new RandomErasing(2)).isInstanceOf(IllegalArgumentException.class);
  }
}
