package io.github.einkorn.nn;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Bilinear2d;
import io.github.einkorn.ops.Bilinear2d.Between;
import io.github.einkorn.ops.Select2d;
import java.util.stream.IntStream;

/**
 * Images in another size: (N, C, H, W) to (N, C, H', W'). By default each pixel of y is the nearest of x, as in
 * {@code torch.nn.Upsample}; it also makes images smaller.
 *
 * <pre>{@code
 * new Upsample(2)                       // twice as high and wide
 * Upsample.to(7, 7).bilinear()          // 7 x 7, between the four pixels around
 * }</pre>
 */
public final class Upsample extends BuiltIn {
  private final int height; // 0: by a factor
  private final int width;
  private final double vertical;
  private final double horizontal;
  private boolean bilinear;
  private boolean alignCorners;

  private Upsample(int height, int width, double vertical, double horizontal) {
    this.height = height;
    this.width = width;
    this.vertical = vertical;
    this.horizontal = horizontal;
  }

  /**
   * By a factor, H' = floor(factor · H).
   *
   * @throws IllegalArgumentException unless it is positive and finite
   */
  public Upsample(double factor) {
    this(factor, factor);
  }

  /**
   * By a factor for the height and one for the width.
   *
   * @throws IllegalArgumentException unless both are positive and finite
   */
  public Upsample(double vertical, double horizontal) {
    this(0, 0, factor(vertical), factor(horizontal));
  }

  private static double factor(double f) {
    if (f > 0 && Double.isFinite(f)) return f;
    throw new IllegalArgumentException("Upsample: a factor must be positive and finite, got " + f);
  }

  /**
   * To a height and a width, whatever those of x are.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public static Upsample to(int height, int width) {
    if (Math.min(height, width) < 1) {
      throw new IllegalArgumentException("Upsample: a size must be at least 1x1, got " + height + "x" + width);
    }
    return new Upsample(height, width, 0, 0);
  }

  /** Weighs the four pixels around each place, pixels being squares that fill the image. Returns this. */
  public Upsample bilinear() {
    return bilinear(false);
  }

  /** As {@link #bilinear()}; with aligned corners pixels are points, and those at the corners stay. Returns this. */
  public Upsample bilinear(boolean alignCorners) {
    bilinear = true;
    this.alignCorners = alignCorners;
    return this;
  }

  @Override
  Tensor compute(Tensor x) {
    if (x.rank() != 4) throw new ShapeException("upsample: expected (N, C, H, W), got shape " + x.shape());
    int h = size(height, x.dim(2), vertical), w = size(width, x.dim(3), horizontal);
    Select2d.checkSize("upsample", h, w);
    return bilinear ? bilinear(x, h, w, vertical, horizontal, alignCorners) : nearest(x, h, w, vertical, horizontal);
  }

  private static int size(int wanted, int in, double factor) {
    double size = wanted > 0 ? wanted : Math.floor(in * factor);
    if (size >= 1 && size <= Integer.MAX_VALUE) return (int) size;
    throw new ShapeException("upsample: an extent of " + in + " by a factor of " + python(factor) + " is none");
  }

  /** With steps by factors, or by the sizes where a factor is 0. */
  static Tensor nearest(Tensor x, int height, int width, double vertical, double horizontal) {
    return Select2d.apply(x, nearest(x.dim(2), height, vertical), nearest(x.dim(3), width, horizontal));
  }

  /** Places by floats, as PyTorch finds them in all precisions. */
  private static int[] nearest(int in, int out, double factor) {
    if (in == out) return IntStream.range(0, out).toArray();
    float step = factor > 0 ? (float) (1 / factor) : (float) in / out;
    return IntStream.range(0, out).map(i -> Math.min((int) (i * step), in - 1)).toArray();
  }

  static Tensor bilinear(Tensor x, int height, int width, double vertical, double horizontal, boolean alignCorners) {
    return Bilinear2d.apply(x, between(x.dim(2), height, vertical, alignCorners),
        between(x.dim(3), width, horizontal, alignCorners));
  }

  private static Between between(int in, int out, double factor, boolean alignCorners) {
    double step = alignCorners ? out == 1 ? 0 : (in - 1.0) / (out - 1)
        : factor > 0 ? 1 / factor : (double) in / out;
    return Between.of(in, out, step, alignCorners);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    String size = height > 0 ? "size=(" + height + ", " + width + ")"
        : vertical == horizontal ? "scale_factor=" + python(vertical)
        : "scale_factor=(" + python(vertical) + ", " + python(horizontal) + ")";
    return size + ", mode='" + (bilinear ? "bilinear" : "nearest") + "'";
  }
}
