package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_get;
import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.function.LongToDoubleFunction;
import java.util.function.LongUnaryOperator;

/** Tensors that are filled and read in pieces, so that no array on the Java heap is as large as they are. */
public final class Pieces {
  /** Most elements of a piece. */
  static final int SIZE = 1 << 16;

  private interface Filler {
    void fill(long from, int n);
  }

  private Pieces() {}

  /** Floats of a shape, each from its position in row-major order; asked for in this order. */
  public static Tensor floats(Shape shape, LongToDoubleFunction value) {
    Tensor y = Tensor.empty(shape);
    float[] piece = new float[size(y.size())];
    return filled(y, (from, n) -> {
      for (int i = 0; i < n; i++) piece[i] = (float) value.applyAsDouble(from + i);
      ek_put(y.address() + from * 4, piece, 0, n * 4L);
    });
  }

  /** As {@link #floats}, of int64. */
  static Tensor longs(Shape shape, LongUnaryOperator value) {
    Tensor y = Tensor.empty(DType.INT64, Format.CONTIGUOUS, shape);
    long[] piece = new long[size(y.size())];
    return filled(y, (from, n) -> {
      for (int i = 0; i < n; i++) piece[i] = value.applyAsLong(from + i);
      ek_put(y.address() + from * 8, piece, 0, n * 8L);
    });
  }

  private static Tensor filled(Tensor y, Filler filler) {
    for (long from = 0; from < y.size(); from += SIZE) filler.fill(from, size(y.size() - from));
    y.touch();
    Reference.reachabilityFence(y);
    return y;
  }

  private static int size(long left) {
    return (int) Math.min(SIZE, left);
  }

  /** The elements of an int64 tensor in row-major order; fast where each is near the one before. */
  static final class Longs implements AutoCloseable {
    private final Tensor x;
    private final Tensor contiguous;
    private final long[] piece;
    private long from;
    private long end;

    Longs(Tensor x) {
      this.x = x;
      contiguous = x.contiguous();
      piece = new long[size(x.size())];
    }

    long get(long i) {
      if (i < from || i >= end) {
        from = i;
        end = i + size(x.size() - i);
        ek_get(contiguous.address() + i * 8, piece, 0, (end - i) * 8);
      }
      return piece[(int) (i - from)];
    }

    @Override
    public void close() {
      Layout.free(contiguous, x);
    }
  }
}
