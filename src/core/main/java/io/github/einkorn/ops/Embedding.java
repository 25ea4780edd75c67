package io.github.einkorn.ops;

import static io.github.einkorn.global.einkorn.ek_fill_float;
import static io.github.einkorn.global.einkorn.ek_gather_rows;
import static io.github.einkorn.global.einkorn.ek_gather_rows_grad;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Graph;
import io.github.einkorn.Native;
import io.github.einkorn.Op;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y[…, :] = table[rows[…], :] for rows of any shape. Keeps the rows: gtable[rows[…]] += gy[…], except for the row of
 * padding, which is 0 (-1: there is none).
 */
public record Embedding(Shape table, Tensor rows, int padding) implements Op {
  public static Tensor apply(Tensor table, Tensor rows, int padding) {
    Check.floats("embedding", table);
    Check.rank("embedding", table, 2, "a table (number, dimension)");
    Check.dtype("embedding", rows, DType.INT64);
    int n = table.dim(0), dim = table.dim(1);
    Tensor r = rows.contiguous();
    checkRange(r, n);
    Tensor y = Tensor.empty(rows.shape().insert(-1, dim));
    Native.check(ek_gather_rows(table.address(), n, dim * 4L, r.address(), r.size(), y.address()));
    return Graph.record(new Embedding(table.shape(), r, padding), y, in -> apply(in[0], in[1], padding), table, rows);
  }

  private static void checkRange(Tensor rows, int n) {
    try (var all = new Pieces.Reader(rows)) {
      for (long i = 0; i < rows.size(); i++) {
        long index = all.get(i);
        if (index < 0 || index >= n) {
          throw new IllegalArgumentException("embedding: index " + index + " at position " + i + " is not in 0.."
              + (n - 1) + ", the rows of the table");
        }
      }
    }
  }

  /** Sets a row of a table to 0. */
  public static void clear(Tensor table, int row) {
    long dim = table.dim(1);
    Native.check(ek_fill_float(table.address() + row * dim * 4, 0, dim));
    table.touch();
  }

  @Override
  public Tensor[] backward(Tensor gy) {
    Tensor g = gy.contiguous(), gx = Tensor.empty(DType.FLOAT32, Format.CONTIGUOUS, table);
    int n = table.dim(0), dim = table.dim(1);
    Native.check(ek_gather_rows_grad(g.address(), rows.address(), rows.size(), dim, gx.address(), n));
    if (padding >= 0) clear(gx, padding);
    return new Tensor[] {gx, null};
  }

  @Override
  public Tensor[] owned() {
    return new Tensor[] {rows};
  }
}
