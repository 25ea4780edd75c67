package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_copy;
import static io.github.einkorn.global.einkorn.ek_gather_rows;

import io.github.einkorn.DTypeException;
import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Rows x[i, …] of contiguous tensors of any type: picked, and put together. */
final class Rows {
  private Rows() {}

  /** Bytes of one row. */
  static long bytes(Tensor x) {
    return x.size() / x.dim(0) * x.dtype().bytes();
  }

  /** x[i, …], copied. */
  static Tensor pick(Tensor x, int i) {
    Objects.checkIndex(i, x.dim(0));
    Tensor y = Tensor.empty(x.dtype(), Format.CONTIGUOUS, x.shape().without(0));
    long bytes = bytes(x);
    Native.check(ek_copy(x.address() + i * bytes, y.address(), bytes));
    Reference.reachabilityFence(x);
    return y;
  }

  /** y[j, …] = x[index[j], …]. */
  static Tensor pick(Tensor x, int[] index) {
    Tensor y = Tensor.empty(x.dtype(), Format.CONTIGUOUS, x.shape().with(0, index.length));
    try (Tensor at = longs(index, x.dim(0))) {
      Native.check(ek_gather_rows(x.address(), x.dim(0), bytes(x), at.address(), index.length, y.address()));
    }
    Reference.reachabilityFence(x);
    return y;
  }

  /** The indices as a tensor, each checked to lie in 0..rows-1. */
  static Tensor longs(int[] index, int rows) {
    for (int i : index) Objects.checkIndex(i, rows);
    return Tensor.of(Arrays.stream(index).asLongStream().toArray(), index.length);
  }

  /** Tensors of one shape and type as the rows of a new one; errors name them by the indices of their samples. */
  static Tensor stack(String what, List<Tensor> rows, int[] indices) {
    Tensor first = rows.get(0);
    int[] inner = first.shape().dims();
    int[] dims = new int[inner.length + 1];
    dims[0] = rows.size();
    System.arraycopy(inner, 0, dims, 1, inner.length);
    long bytes = first.size() * first.dtype().bytes();
    Tensor y = Tensor.empty(first.dtype(), Format.CONTIGUOUS, Shape.of(dims));
    for (int i = 0; i < rows.size(); i++) {
      Tensor x = rows.get(i);
      if (x.dtype() != first.dtype()) {
        throw new DTypeException("batch: " + what + " of sample " + indices[0] + " is " + first.describe()
            + ", of sample " + indices[i] + " " + x.describe());
      }
      if (!x.shape().equals(first.shape())) {
        throw new ShapeException("batch: " + what + " of sample " + indices[0] + " has shape " + first.shape()
            + ", of sample " + indices[i] + " " + x.shape()
            + ": stacking needs one shape, so resize, crop or pad them, or use batchSize(1)");
      }
      Tensor c = x.contiguous();
      Native.check(ek_copy(c.address(), y.address() + i * bytes, bytes));
      if (c != x) c.close();
      Reference.reachabilityFence(x);
    }
    return y;
  }
}
