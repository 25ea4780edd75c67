package io.github.einkorn.parity;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** The numbers that both libraries are given: floats, or the integers of labels. Gradients are asked for if `grad`. */
record Input(int[] shape, float[] floats, long[] longs, boolean grad) {
  /** "2x3x9x9"; "" is a scalar. */
  static int[] shape(String text) {
    return text.isEmpty() ? new int[0] : Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  static int size(int[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  private static Input drawn(String shape, ToDoubleFunction<Random> draw) {
    int[] dims = shape(shape);
    var random = new Random(shape.hashCode());
    float[] x = new float[size(dims)];
    for (int i = 0; i < x.length; i++) x[i] = (float) draw.applyAsDouble(random);
    return new Input(dims, x, null, true);
  }

  /** N(0, 1). */
  static Input normal(String shape) {
    return drawn(shape, Random::nextGaussian);
  }

  /** U[low, high). */
  static Input uniform(String shape, double low, double high) {
    return drawn(shape, r -> low + (high - low) * r.nextDouble());
  }

  /** Labels 0..classes-1. */
  static Input labels(String shape, int classes) {
    int[] dims = shape(shape);
    return new Input(dims, null, new Random(classes).longs(size(dims), 0, classes).toArray(), false);
  }

  static Input longs(String shape, long... values) {
    return new Input(shape(shape), null, values, false);
  }

  static Input of(String shape, double... values) {
    float[] x = new float[values.length];
    for (int i = 0; i < x.length; i++) x[i] = (float) values[i];
    return new Input(shape(shape), x, null, true);
  }

  /** The same numbers in another shape. */
  Input shaped(String text) {
    return new Input(shape(text), floats, longs, grad);
  }

  /** The same numbers as constants. */
  Input fixed() {
    return new Input(shape, floats, longs, false);
  }

  /** Values that a result of this shape is multiplied with: the gradient that backward begins with. */
  static Input weights(int[] shape, long seed) {
    var random = new Random(seed);
    float[] x = new float[size(shape)];
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    return new Input(shape, x, null, false);
  }
}
