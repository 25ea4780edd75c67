package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_strided_copy;

import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;

/** Where the elements of a tensor lie in memory, and copies of boxes of elements between tensors. */
public final class Layout {
  private static final int[] NHWC = {0, 2, 3, 1};

  private Layout() {}

  /** The logical dimensions in the order of memory, outermost first. */
  static int[] order(int rank, Format format) {
    if (format == Format.CHANNELS_LAST) return NHWC;
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) order[i] = i;
    return order;
  }

  /** Elements from one index of a logical dimension to the next. */
  static long[] strides(Shape shape, Format format) {
    int[] order = order(shape.rank(), format);
    long[] strides = new long[order.length];
    long step = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      strides[order[i]] = step;
      step *= shape.dim(order[i]);
    }
    return strides;
  }

  static long[] strides(Tensor x) {
    return strides(x.shape(), x.format());
  }

  /**
   * Strides that read x as if it had another shape: 0 where it is stretched. Dimensions are aligned at the right.
   */
  static long[] stretched(Tensor x, Shape to) {
    long[] own = strides(x);
    long[] strides = new long[to.rank()];
    int skip = to.rank() - own.length;
    for (int i = 0; i < own.length; i++) strides[skip + i] = x.dim(i) == 1 ? 0 : own[i];
    return strides;
  }

  /** Values, one for each logical dimension, in the order of memory. */
  static long[] inOrder(long[] values, int[] order) {
    long[] sorted = new long[order.length];
    for (int i = 0; i < order.length; i++) sorted[i] = values[order[i]];
    return sorted;
  }

  static long[] dims(Shape shape) {
    long[] dims = new long[shape.rank()];
    for (int i = 0; i < dims.length; i++) dims[i] = shape.dim(i);
    return dims;
  }

  /** y[yFrom + i . ys] = x[xFrom + i . xs] for all indices i below the extents. */
  static void copy(Shape extents, Tensor x, long xFrom, long[] xs, Tensor y, long yFrom, long[] ys) {
    int[] order = order(extents.rank(), y.format());
    int bytes = x.dtype().bytes();
    Native.check(ek_strided_copy(extents.rank(), inOrder(dims(extents), order), inOrder(xs, order), inOrder(ys, order),
        bytes, x.address() + xFrom * bytes, y.address() + yFrom * bytes));
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
  }

  /** Copies all of x into y, x being stretched to y's shape where it is 1. */
  public static void copyStretched(Tensor x, Tensor y) {
    copy(y.shape(), x, 0, stretched(x, y.shape()), y, 0, strides(y));
  }

  /** A copy of the box of x that starts at an element and has the given extents. */
  static Tensor cut(Tensor x, long from, Shape extents) {
    Tensor y = Tensor.empty(x.dtype(), x.format(), extents);
    copy(extents, x, from, strides(x), y, 0, strides(y));
    return y;
  }

  /** Copies x into the box of y that starts at an element. */
  static void paste(Tensor x, Tensor y, long from) {
    copy(x.shape(), x, 0, strides(x), y, from, strides(y));
  }

  /** Frees a converted copy, unless no conversion was needed; keeps both reachable until here. */
  static void free(Tensor converted, Tensor x) {
    Reference.reachabilityFence(converted);
    Reference.reachabilityFence(x);
    if (converted != x) converted.close();
  }
}
