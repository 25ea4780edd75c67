package io.github.einkorn.data.transforms;

import java.util.Arrays;

/** Affine maps of images. */
final class Warp {
  private Warp() {}

  /**
   * The matrix (a, b, c, d, e, f) that takes an output point (x, y) to the input point (ax + by + c, dx + ey + f): the
   * inverse of a turn clockwise by an angle, a shear and a scaling about the center, and a translation after it.
   * Angles are in degrees.
   */
  static double[] inverse(double cx, double cy, double angle, double tx, double ty, double scale, double shearX,
      double shearY) {
    double turn = Math.toRadians(angle);
    double sx = Math.toRadians(shearX);
    double sy = Math.toRadians(shearY);
    double a = Math.cos(turn - sy) / Math.cos(sy);
    double b = -Math.cos(turn - sy) * Math.tan(sx) / Math.cos(sy) - Math.sin(turn);
    double c = Math.sin(turn - sy) / Math.cos(sy);
    double d = -Math.sin(turn - sy) * Math.tan(sx) / Math.cos(sy) + Math.cos(turn);
    double x = -cx - tx;
    double y = -cy - ty;
    return new double[] {d / scale, -b / scale, (d * x - b * y) / scale + cx, -c / scale, a / scale,
        (-c * x + a * y) / scale + cy};
  }

  /** y(x) = image(m x), pixel centers being at halves, as Pillow; the fill value where m x lies outside. */
  static Image affine(Image image, double[] m, Interpolation how, float fill) {
    int width = image.width();
    int height = image.height();
    int plane = width * height;
    float[] in = image.toFloats();
    float[] out = new float[in.length];
    if (fill != 0) Arrays.fill(out, fill);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double u = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
        double v = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
        if (!(u >= 0 && u < width && v >= 0 && v < height)) continue;
        int to = y * width + x;
        if (how == Interpolation.NEAREST) {
          int from = (int) v * width + (int) u;
          for (int c = 0; c < image.channels(); c++) out[c * plane + to] = in[c * plane + from];
        } else {
          between(in, out, to, plane, width, height, u - 0.5, v - 0.5);
        }
      }
    }
    return image.with(out);
  }

  private static void between(float[] in, float[] out, int to, int plane, int width, int height, double u, double v) {
    int x = (int) Math.floor(u);
    int y = (int) Math.floor(v);
    double dx = u - x;
    double dy = v - y;
    int left = Math.max(x, 0);
    int right = Math.min(x + 1, width - 1);
    int top = Math.max(y, 0) * width;
    int bottom = Math.min(y + 1, height - 1) * width;
    for (int c = 0; c < in.length; c += plane) {
      double above = in[c + top + left] * (1 - dx) + in[c + top + right] * dx;
      double below = in[c + bottom + left] * (1 - dx) + in[c + bottom + right] * dx;
      out[c + to] = (float) (above * (1 - dy) + below * dy);
    }
  }
}
