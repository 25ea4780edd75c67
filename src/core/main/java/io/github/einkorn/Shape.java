package io.github.einkorn;

import java.util.Arrays;

/** The extents of a tensor, outermost first; a scalar has none. Every extent is at least 1. Immutable. */
public final class Shape {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new int[0], 1);

  private static final long MAX_SIZE = 1L << 40;

  private final int[] dims;
  private final long size;

  private Shape(int[] dims, long size) {
    this.dims = dims;
    this.size = size;
  }

  /**
   * A shape of the given extents.
   *
   * @throws ShapeException if an extent is below 1, or there are more than 2^40 elements
   */
  public static Shape of(int... dims) {
    return owning(dims.clone());
  }

  private static Shape owning(int[] dims) {
    if (dims.length == 0) return SCALAR;
    long size = 1;
    for (int d : dims) {
      if (d < 1) throw new ShapeException("every extent must be at least 1, got " + Arrays.toString(dims));
      size *= d;
      if (size > MAX_SIZE) throw new ShapeException("too many elements: " + Arrays.toString(dims));
    }
    return new Shape(dims, size);
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Extent of a dimension; negative ones count from the end. */
  public int dim(int i) {
    return dims[axis(i)];
  }

  /** The dimension as 0..rank-1, with negative ones counted from the end. */
  public int axis(int i) {
    int axis = i < 0 ? i + dims.length : i;
    if (axis < 0 || axis >= dims.length) {
      throw new ShapeException("dimension " + i + " is out of range for shape " + this);
    }
    return axis;
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** A copy of the extents. */
  public int[] dims() {
    return dims.clone();
  }

  /**
   * Product of the extents from one dimension (inclusive) to another (exclusive), each 0..rank; 1 where they are equal.
   *
   * @throws ShapeException unless 0 &lt;= from &lt;= to &lt;= rank
   */
  public long size(int from, int to) {
    if (from < 0 || from > to || to > dims.length) {
      throw new ShapeException("dimensions " + from + " to " + to + " are out of range for shape " + this);
    }
    long n = 1;
    for (int i = from; i < to; i++) n *= dims[i];
    return n;
  }

  /** This shape with one extent replaced. */
  public Shape with(int axis, int extent) {
    int[] d = dims.clone();
    d[axis(axis)] = extent;
    return owning(d);
  }

  /** This shape without one dimension. */
  public Shape without(int axis) {
    int a = axis(axis);
    int[] d = new int[dims.length - 1];
    System.arraycopy(dims, 0, d, 0, a);
    System.arraycopy(dims, a + 1, d, a, d.length - a);
    return owning(d);
  }

  /** This shape with one more dimension, in front of the given one; -1 appends it. */
  public Shape insert(int axis, int extent) {
    int a = axis < 0 ? axis + dims.length + 1 : axis;
    if (a < 0 || a > dims.length) {
      throw new ShapeException("dimension " + axis + " cannot be inserted in shape " + this);
    }
    int[] d = Arrays.copyOf(dims, dims.length + 1);
    System.arraycopy(dims, a, d, a + 1, dims.length - a);
    d[a] = extent;
    return owning(d);
  }

  /**
   * The shape two operands are broadcast to: extents are aligned at the right, and 1 stretches.
   *
   * @throws ShapeException if two extents differ and neither is 1
   */
  public static Shape broadcast(Shape a, Shape b) {
    if (a.equals(b)) return a;
    int rank = Math.max(a.rank(), b.rank());
    int[] d = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      int y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException("shapes " + a + " and " + b + " cannot be broadcast: " + x + " against " + y
            + " at dimension " + (rank - i));
      }
      d[rank - i] = Math.max(x, y);
    }
    return owning(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As {@code (100, 1, 28, 28)}. */
  @Override
  public String toString() {
    String s = Arrays.toString(dims);
    return "(" + s.substring(1, s.length() - 1) + ")";
  }

  /** As {@code 3136x10}, the way matrix shapes are spoken of. */
  public String times() {
    StringBuilder s = new StringBuilder();
    for (int d : dims) s.append(s.isEmpty() ? "" : "x").append(d);
    return s.toString();
  }
}
