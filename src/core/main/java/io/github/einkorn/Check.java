package io.github.einkorn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Argument checks shared by the operations; each names the operation, what was expected and what came. */
public final class Check {
  private Check() {}

  /** Throws DTypeException unless x holds floats. */
  public static void floats(String op, Tensor x) {
    dtype(op, x, DType.FLOAT32);
  }

  /** Throws DTypeException unless x has the given type. */
  public static void dtype(String op, Tensor x, DType wanted) {
    if (x.dtype() != wanted) {
      throw new DTypeException(op + ": expected " + wanted + ", got " + x.describe() + "; convert it with .to(DType."
          + wanted.name() + ")");
    }
  }

  /** Throws ShapeException unless x has the given number of dimensions; the layout names them, as "(N, C, H, W)". */
  public static void rank(String op, Tensor x, int rank, String layout) {
    if (x.rank() != rank) throw new ShapeException(op + ": expected " + layout + ", got shape " + x.shape());
  }

  /** Throws DTypeException or ShapeException unless b is null or holds a float for each of n outputs. */
  public static void bias(String op, Tensor b, long n) {
    if (b == null) return;
    floats(op, b);
    if (b.rank() != 1 || b.dim(0) != n) {
      throw new ShapeException(op + ": expected a bias (" + n + "), got shape " + b.shape());
    }
  }

  /** The dimension as 0..rank-1, negative ones counted from the end; ShapeException if there is none. */
  public static int axis(String op, Tensor x, int dim) {
    int axis = dim < 0 ? dim + x.rank() : dim;
    if (axis < 0 || axis >= x.rank()) {
      throw new ShapeException(op + ": dimension " + dim + " is out of range for shape " + x.shape());
    }
    return axis;
  }

  /** A copy of a list; NullPointerException that names it, or the element as {@code nodes[1]}, if that is null. */
  public static <T> List<T> all(String what, List<? extends T> elements) {
    int i = 0;
    for (T e : Objects.requireNonNull(elements, what)) {
      if (e == null) throw new NullPointerException(what + "[" + i + "]");
      i++;
    }
    return List.copyOf(elements);
  }

  /** As {@link #all(String, List)}, of an array. */
  public static <T> List<T> all(String what, T[] elements) {
    return all(what, Arrays.asList(Objects.requireNonNull(elements, what)));
  }

  /** Throws IllegalArgumentException unless the value is finite. */
  public static float finite(String what, double value) {
    if (!Double.isFinite(value) || Math.abs(value) > Float.MAX_VALUE) {
      throw new IllegalArgumentException(what + " must be a finite number, got " + value);
    }
    return (float) value;
  }

  /** Throws IllegalArgumentException unless {@code low <= value <= high}. */
  public static float range(String what, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(what + " must lie in [" + low + ", " + high + "], got " + value);
    }
    return (float) value;
  }
}
