package io.github.einkorn.data.transforms;

import io.github.einkorn.ShapeException;

/** Colours of images as float planes; the formulas are torchvision's for float tensors. */
final class Colors {
  private Colors() {}

  static void check(String who, int channels) {
    if (channels != 1 && channels != 3) {
      throw new ShapeException(who + ": expected 1 channel or 3 (red, green, blue), got " + channels);
    }
  }

  /** One plane of luma. */
  static float[] grey(String who, float[] values, int channels) {
    check(who, channels);
    if (channels == 1) return values.clone();
    int n = values.length / 3;
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = 0.2989f * values[i] + 0.587f * values[n + i] + 0.114f * values[2 * n + i];
    }
    return out;
  }

  static void brightness(float[] values, double factor) {
    blend(values, null, 0, factor);
  }

  static void contrast(float[] values, int channels, double factor) {
    double sum = 0;
    float[] grey = grey("ColorJitter", values, channels);
    for (float v : grey) sum += v;
    blend(values, null, (float) (sum / grey.length), factor);
  }

  static void saturation(float[] values, int channels, double factor) {
    if (channels == 3) blend(values, grey("ColorJitter", values, channels), 0, factor);
  }

  /** factor · value + (1 - factor) · other, in [0, 1]; the other is a plane, or one number. */
  private static void blend(float[] values, float[] plane, float number, double factor) {
    float keep = (float) factor;
    float add = (float) (1 - factor);
    if (plane == null) {
      for (int i = 0; i < values.length; i++) values[i] = unit(keep * values[i] + add * number);
      return;
    }
    for (int from = 0; from < values.length; from += plane.length) {
      for (int i = 0; i < plane.length; i++) values[from + i] = unit(keep * values[from + i] + add * plane[i]);
    }
  }

  private static float unit(float v) {
    return Math.max(0, Math.min(1, v));
  }

  /** Turns hues by a part of the circle. */
  static void hue(float[] values, int channels, double turn) {
    if (channels != 3) return;
    int n = values.length / 3;
    for (int i = 0; i < n; i++) {
      float r = values[i];
      float g = values[n + i];
      float b = values[2 * n + i];
      float max = Math.max(r, Math.max(g, b));
      float range = max - Math.min(r, Math.min(g, b));
      if (range == 0) continue; // grey has no hue
      float s = range / max;
      float sixth = max == r ? (g - b) / range : max == g ? 2 + (b - r) / range : 4 + (r - g) / range;
      double h = sixth / 6 + turn;
      h = 6 * (h - Math.floor(h));
      int sector = (int) h;
      float f = (float) (h - sector);
      float p = unit(max * (1 - s));
      float q = unit(max * (1 - s * f));
      float t = unit(max * (1 - s * (1 - f)));
      values[i] = pick(sector, max, q, p, p, t, max);
      values[n + i] = pick(sector, t, max, max, q, p, p);
      values[2 * n + i] = pick(sector, p, p, t, max, max, q);
    }
  }

  private static float pick(int sector, float a, float b, float c, float d, float e, float f) {
    return switch (sector % 6) {
      case 0 -> a;
      case 1 -> b;
      case 2 -> c;
      case 3 -> d;
      case 4 -> e;
      default -> f;
    };
  }
}
