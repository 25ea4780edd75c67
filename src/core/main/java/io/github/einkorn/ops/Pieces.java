package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_get;
import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;

/** Tensors that are filled and read in pieces, so that no array on the Java heap is as large as they are. */
public final class Pieces {
  /** Most elements of a piece. */
  public static final int SIZE = 1 << 16;

  /** Floats from their places in a matrix. */
  public interface Floats {
    /** The one in row i and column j. */
    double at(long i, long j);
  }

  /** As {@link Floats}, of int64. */
  public interface Longs {
    /** The one in row i and column j. */
    long at(long i, long j);
  }

  private interface Setter {
    void set(int k, long i, long j);
  }

  private interface Writer {
    void write(long from, int n);
  }

  private Pieces() {}

  /** Floats of a shape that is seen as the rows of a matrix (size / inner, inner), asked for in row-major order. */
  public static Tensor floats(Shape shape, long inner, Floats values) {
    Tensor y = Tensor.empty(shape);
    float[] piece = new float[size(y.size())];
    return filled(y, inner, (k, i, j) -> piece[k] = (float) values.at(i, j),
        (from, n) -> ek_put(y.address() + from * 4, piece, 0, n * 4L));
  }

  /** As {@link #floats}, of int64. */
  public static Tensor longs(Shape shape, long inner, Longs values) {
    Tensor y = Tensor.empty(DType.INT64, Format.CONTIGUOUS, shape);
    long[] piece = new long[size(y.size())];
    return filled(y, inner, (k, i, j) -> piece[k] = values.at(i, j),
        (from, n) -> ek_put(y.address() + from * 8, piece, 0, n * 8L));
  }

  private static Tensor filled(Tensor y, long inner, Setter setter, Writer writer) {
    long i = 0, j = 0;
    for (long from = 0; from < y.size(); from += SIZE) {
      int n = size(y.size() - from);
      for (int k = 0; k < n; k++) {
        setter.set(k, i, j);
        if (++j < inner) continue;
        j = 0;
        i++;
      }
      writer.write(from, n);
    }
    y.touch();
    Reference.reachabilityFence(y);
    return y;
  }

  private static int size(long left) {
    return (int) Math.min(SIZE, left);
  }

  /** The elements of an int64 tensor in row-major order; fast where each is near the one before. */
  static final class Reader implements AutoCloseable {
    private final Tensor x;
    private final Tensor contiguous;
    private final long[] piece;
    private long from;
    private long end;

    Reader(Tensor x) {
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
