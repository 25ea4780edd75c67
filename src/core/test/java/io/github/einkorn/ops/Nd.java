package io.github.einkorn.ops;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** A plain array of doubles in row-major order: what the naive references compute with. */
public record Nd(int[] shape, double[] v) {
  static Nd zeros(int... shape) {
    return new Nd(shape, new double[size(shape)]);
  }

  /** Each element from its index. */
  static Nd of(int[] shape, ToDoubleFunction<int[]> element) {
    Nd y = zeros(shape);
    int[] i = new int[shape.length];
    for (int k = 0; k < y.v.length; k++) {
      y.v[k] = element.applyAsDouble(i);
      for (int d = shape.length - 1; d >= 0 && ++i[d] == shape[d]; d--) i[d] = 0;
    }
    return y;
  }

  static int size(int... shape) {
    int n = 1;
    for (int d : shape) n *= d;
    return n;
  }

  private int offset(int... i) {
    int k = 0;
    for (int d = 0; d < shape.length; d++) k = k * shape[d] + i[d];
    return k;
  }

  double at(int... i) {
    return v[offset(i)];
  }

  /** The same of four dimensions, which are most, without an array for the index. */
  double at(int n, int c, int h, int w) {
    return v[((n * shape[1] + c) * shape[2] + h) * shape[3] + w];
  }

  void add(double value, int... i) {
    v[offset(i)] += value;
  }

  /** The element that an index of a broadcast result reads. */
  double stretched(int... i) {
    int[] own = new int[shape.length];
    int skip = i.length - shape.length;
    for (int d = 0; d < own.length; d++) own[d] = shape[d] == 1 ? 0 : i[skip + d];
    return at(own);
  }

  Nd map(DoubleUnaryOperator f) {
    return new Nd(shape, Arrays.stream(v).map(f).toArray());
  }

  static Nd zip(Nd x, Nd y, DoubleBinaryOperator f) {
    if (Arrays.equals(x.shape, y.shape)) {
      double[] v = new double[x.v.length];
      Arrays.setAll(v, k -> f.applyAsDouble(x.v[k], y.v[k]));
      return new Nd(x.shape, v);
    }
    int rank = Math.max(x.shape.length, y.shape.length);
    int[] to = new int[rank];
    for (int d = 1; d <= rank; d++) {
      int a = d <= x.shape.length ? x.shape[x.shape.length - d] : 1;
      int b = d <= y.shape.length ? y.shape[y.shape.length - d] : 1;
      to[rank - d] = Math.max(a, b);
    }
    return of(to, i -> f.applyAsDouble(x.stretched(i), y.stretched(i)));
  }

  Nd reshape(int... to) {
    return new Nd(to, v);
  }

  Nd permute(int... dims) {
    return of(Arrays.stream(dims).map(d -> shape[d]).toArray(), i -> {
      int[] from = new int[dims.length];
      for (int d = 0; d < dims.length; d++) from[dims[d]] = i[d];
      return at(from);
    });
  }

  /** The box of an extent from an index on. */
  Nd box(int[] from, int[] extents) {
    return of(extents, i -> {
      int[] k = i.clone();
      for (int d = 0; d < k.length; d++) k[d] += from[d];
      return at(k);
    });
  }

  /** Folds over dimensions, which stay with extent 1. */
  Nd fold(double start, DoubleBinaryOperator f, int... dims) {
    int[] to = shape.clone();
    for (int d : dims) to[d] = 1;
    Nd y = zeros(to);
    Arrays.fill(y.v, start);
    int[] i = new int[shape.length];
    for (double value : v) {
      int[] k = i.clone();
      for (int d : dims) k[d] = 0;
      int at = y.offset(k);
      y.v[at] = f.applyAsDouble(y.v[at], value);
      for (int d = shape.length - 1; d >= 0 && ++i[d] == shape[d]; d--) i[d] = 0;
    }
    return y;
  }

  double dot(Nd y) {
    double sum = 0;
    for (int i = 0; i < v.length; i++) sum += v[i] * y.v[i];
    return sum;
  }

  Nd copy() {
    return new Nd(shape, v.clone());
  }
}
