package io.github.einkorn;

import java.util.Locale;
import java.util.function.IntFunction;

/** Prints tensors as PyTorch does. */
final class Printer {
  private static final int WHOLE = 1000; // elements; larger tensors show three at each end of a dimension
  private static final int EDGE = 3;
  private static final int LINE = 80;

  private final Shape shape;
  private final boolean cut;
  private final IntFunction<String> element;
  private final int width;

  private Printer(Shape shape, IntFunction<String> element, int width) {
    this.shape = shape;
    this.cut = shape.size() > WHOLE;
    this.element = element;
    this.width = width;
  }

  static String print(Tensor t) {
    Tensor shown = t.share();
    try (var off = new NoGrad(); var scope = new Scope()) {
      boolean cut = t.size() > WHOLE;
      if (cut) for (int d = 0; d < t.rank(); d++) shown = ends(shown, d);
      IntFunction<String> element = elements(shown);
      int width = 0;
      for (int i = 0; i < shown.size(); i++) width = Math.max(width, element.apply(i).length());
      var out = new StringBuilder("tensor(");
      new Printer(t.shape(), element, width).append(out, 0, new int[1], "tensor(".length());
      if (cut) out.append(", shape=").append(t.shape());
      if (t.dtype() == DType.UINT8) out.append(", dtype=uint8");
      if (t.requiresGrad()) out.append(", requiresGrad=true");
      return out.append(')').toString();
    }
  }

  /** The ends of a long dimension. */
  private static Tensor ends(Tensor x, int dim) {
    int n = x.dim(dim);
    return n <= 2 * EDGE ? x : Tensor.cat(dim, x.narrow(dim, 0, EDGE), x.narrow(dim, n - EDGE, EDGE));
  }

  private static IntFunction<String> elements(Tensor x) {
    return switch (x.dtype()) {
      case FLOAT32 -> floats(x.toFloats());
      case INT64 -> {
        long[] v = x.toLongs();
        yield i -> Long.toString(v[i]);
      }
      case UINT8 -> {
        byte[] v = x.toBytes();
        yield i -> Integer.toString(v[i] & 255);
      }
      case BOOL -> {
        byte[] v = x.toBytes();
        yield i -> v[i] != 0 ? "true" : "false";
      }
    };
  }

  /** Whole numbers as "2.", others with four decimals, in scientific notation where these would say too little. */
  private static IntFunction<String> floats(float[] v) {
    boolean whole = true;
    double largest = 0, smallest = Double.MAX_VALUE;
    for (float f : v) {
      if (!Float.isFinite(f)) continue;
      whole &= f == Math.rint(f);
      if (f == 0) continue;
      largest = Math.max(largest, Math.abs(f));
      smallest = Math.min(smallest, Math.abs(f));
    }
    boolean far = largest / smallest > 1000 || largest > 1e8;
    boolean scientific = largest > 0 && (far || smallest < 1e-4);
    String format = scientific ? "%.4e" : whole ? "%.0f." : "%.4f";
    return i -> Float.isNaN(v[i]) ? "nan" : Float.isInfinite(v[i]) ? v[i] > 0 ? "inf" : "-inf"
        : String.format(Locale.ROOT, format, v[i]);
  }

  /** Appends the elements from next[0] on, for one index of the dimensions before depth. */
  private void append(StringBuilder out, int depth, int[] next, int indent) {
    if (depth == shape.rank()) {
      out.append(element.apply(next[0]++));
      return;
    }
    boolean last = depth == shape.rank() - 1;
    String newline = "\n".repeat(shape.rank() - 1 - depth) + " ".repeat(indent + 1);
    int n = shape.dim(depth), perLine = Math.max(1, (LINE - indent) / (width + 2));
    boolean cutHere = cut && n > 2 * EDGE;
    out.append('[');
    for (int i = 0, shown = 0; i < n; i++, shown++) {
      if (i > 0) out.append(last ? shown % perLine == 0 ? ",\n" + " ".repeat(indent + 1) : ", " : "," + newline);
      if (cutHere && i == EDGE) {
        out.append(last ? " ..." : "...");
        i = n - EDGE - 1;
      } else if (last) {
        String e = element.apply(next[0]++);
        out.append(" ".repeat(width - e.length())).append(e);
      } else {
        append(out, depth + 1, next, indent + 1);
      }
    }
    out.append(']');
  }
}
