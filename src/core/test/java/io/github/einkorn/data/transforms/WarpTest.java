package io.github.einkorn.data.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarpTest {
  private static Image turned(Image in, double degrees, Interpolation how) {
    return new RandomRotation(degrees, degrees, how, 0).apply(in, new Draws(0, 0));
  }

  @ParameterizedTest
  @EnumSource(Interpolation.class)
  void quarterTurnsAreExactAndCounterClockwise(Interpolation how) {
    int n = 5;
    Image in = Images.noise(2, n, n, 1);
    Image quarter = turned(in, 90, how);
    Image half = turned(in, 180, how);
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
          assertThat(quarter.get(c, y, x)).isCloseTo(in.get(c, x, n - 1 - y), within(1e-6f));
          assertThat(half.get(c, y, x)).isCloseTo(in.get(c, n - 1 - y, n - 1 - x), within(1e-6f));
        }
      }
    }
    assertThat(turned(in, 0, how).toFloats()).isEqualTo(in.toFloats());
  }

  /** A ramp stays a ramp under bilinear interpolation: it is known at every point. */
  @Test
  void aRampIsTurnedExactly() {
    int h = 30;
    int w = 40;
    float[] ramp = new float[h * w];
    for (int i = 0; i < ramp.length; i++) ramp[i] = i % w + 0.5f + 3 * (i / w + 0.5f);
    Image in = Image.of(ramp, 1, h, w);
    double degrees = 27;
    Image out = turned(in, degrees, Interpolation.BILINEAR);
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    int inside = 0;
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double dx = x + 0.5 - w / 2.0;
        double dy = y + 0.5 - h / 2.0;
        // counter-clockwise with y downwards: a point comes from where the clockwise turn takes it
        double u = cos * dx - sin * dy + w / 2.0;
        double v = sin * dx + cos * dy + h / 2.0;
        if (u < 0 || u >= w || v < 0 || v >= h) {
          assertThat(out.get(0, y, x)).isZero();
        } else if (u > 0.5 && u < w - 0.5 && v > 0.5 && v < h - 0.5) {
          assertThat((double) out.get(0, y, x)).isCloseTo(u + 3 * v, within(1e-4));
          inside++;
        }
      }
    }
    assertThat(inside).isGreaterThan(500);
  }

  @Test
  void anglesAreDrawnFromTheWholeInterval() {
    // one bright pixel right of the middle: its place tells the angle
    int n = 101;
    float[] dot = new float[n * n];
    dot[50 * n + 90] = 1;
    Image in = Image.of(dot, 1, n, n);
    double least = 90;
    double most = -90;
    for (int i = 0; i < 200; i++) {
      float[] out = new RandomRotation(30).interpolation(Interpolation.BILINEAR).apply(in, new Draws(1, i)).toFloats();
      int top = 0;
      for (int k = 0; k < out.length; k++) if (out[k] > out[top]) top = k;
      double angle = Math.toDegrees(Math.atan2(50 - top / n, top % n - 50));
      assertThat(angle).isBetween(-31.0, 31.0);
      least = Math.min(least, angle);
      most = Math.max(most, angle);
    }
    assertThat(least).isLessThan(-25);
    assertThat(most).isGreaterThan(25);
  }

  /** The inverse of translate · center · turn · shear · scale · -center, multiplied out here from its factors. */
  @Test
  void theMatrixIsTheProductOfItsFactors() {
    double angle = Math.toRadians(20);
    double shear = Math.toRadians(15);
    double[][] forward = product(shift(4, -3), shift(10, 8),
        new double[][] {{Math.cos(angle), -Math.sin(angle), 0}, {Math.sin(angle), Math.cos(angle), 0}, {0, 0, 1}},
        new double[][] {{1, -Math.tan(shear), 0}, {0, 1, 0}, {0, 0, 1}},
        new double[][] {{1.5, 0, 0}, {0, 1.5, 0}, {0, 0, 1}}, shift(-10, -8));
    double[] m = Warp.inverse(10, 8, 20, 4, -3, 1.5, 15, 0);
    double[][] identity = product(forward, new double[][] {{m[0], m[1], m[2]}, {m[3], m[4], m[5]}, {0, 0, 1}});
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) assertThat(identity[i][j]).isCloseTo(i == j ? 1 : 0, within(1e-12));
    }
  }

  private static double[][] shift(double x, double y) {
    return new double[][] {{1, 0, x}, {0, 1, y}, {0, 0, 1}};
  }

  private static double[][] product(double[][]... factors) {
    double[][] all = shift(0, 0);
    for (double[][] f : factors) {
      double[][] next = new double[3][3];
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          for (int k = 0; k < 3; k++) next[i][j] += all[i][k] * f[k][j];
        }
      }
      all = next;
    }
    return all;
  }

  @Test
  void affineMovesByWholePixels() {
    Image in = Images.places(10, 10);
    boolean moved = false;
    for (int i = 0; i < 100; i++) {
      Image out = new RandomAffine(0).translate(0.2, 0.3).apply(in, new Draws(1, i));
      int found = 0;
      for (int dy = -3; dy <= 3; dy++) {
        for (int dx = -2; dx <= 2; dx++) {
          boolean same = out.get(0, 5, 5) == in.get(0, 5 - dy, 5 - dx) && out.get(0, 4, 6) == in.get(0, 4 - dy, 6 - dx);
          found += same ? 1 : 0;
          moved |= same && (dy != 0 || dx != 0);
        }
      }
      assertThat(found).isEqualTo(1);
    }
    assertThat(moved).isTrue();
    Image half = new RandomAffine(0).scale(0.5, 0.5).fill(0.25).apply(Images.flat(8, 8, 1), new Draws(0, 0));
    assertThat(half.get(0, 0, 0)).isEqualTo(0.25f);
    assertThat(half.get(0, 2, 2)).isEqualTo(1);
    assertThat(half.get(0, 6, 6)).isEqualTo(0.25f);
    assertThatThrownBy(() -> new RandomAffine(0).scale(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RandomAffine(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RandomRotation(5, -5, Interpolation.NEAREST, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
