package io.github.einkorn.nn;

import io.github.einkorn.ShapeException;

/**
 * The sliding window of a convolution or pooling: kernel, stride, padding, dilation. Immutable; each option returns a
 * new window:
 *
 * <pre>{@code Window.of(3).pad(1).stride(2)}</pre>
 *
 * <p>The output has {@code floor((in + before + after - dilation (kernel - 1) - 1) / stride) + 1} places, as in
 * PyTorch. The stride is 1 for convolutions and the kernel for pooling unless set. No number may be larger than 2^28,
 * nor may an input with its padding.
 */
public final class Window {
  /** How the padding and the last place are found. */
  private enum Mode { FLOOR, CEIL, STRICT, SAME }

  private final Axis height;
  private final Axis width;

  private Window(Axis height, Axis width) {
    this.height = height;
    this.width = width;
  }

  /** A square window. */
  public static Window of(int kernel) {
    return of(kernel, kernel);
  }

  /** A window of a height and a width. */
  public static Window of(int kernelHeight, int kernelWidth) {
    return new Window(new Axis("height", kernelHeight, Mode.FLOOR), new Axis("width", kernelWidth, Mode.FLOOR));
  }

  /**
   * A window padded so that the output has {@code ceil(in / stride)} places, as {@code padding="same"} in TensorFlow
   * and Keras; where the padding is odd, the far side gets one more.
   */
  public static Window same(int kernel) {
    return same(kernel, kernel);
  }

  /** As {@link #same(int)}, of a height and a width. */
  public static Window same(int kernelHeight, int kernelWidth) {
    return new Window(new Axis("height", kernelHeight, Mode.SAME), new Axis("width", kernelWidth, Mode.SAME));
  }

  /** A window without padding, as {@code padding="valid"} in Keras. */
  public static Window valid(int kernel) {
    return of(kernel);
  }

  /** A window without padding, of a height and a width. */
  public static Window valid(int kernelHeight, int kernelWidth) {
    return of(kernelHeight, kernelWidth);
  }

  /** Pads all four sides. The default is 0. */
  public Window pad(int all) {
    return pad(all, all);
  }

  /** Pads top and bottom, left and right. */
  public Window pad(int vertical, int horizontal) {
    return pad(vertical, horizontal, vertical, horizontal);
  }

  /** Pads each side by itself. */
  public Window pad(int top, int left, int bottom, int right) {
    return new Window(height.pad(top, bottom), width.pad(left, right));
  }

  /** Moves by this many rows and columns. */
  public Window stride(int both) {
    return stride(both, both);
  }

  /** Moves by this many rows, and this many columns. */
  public Window stride(int vertical, int horizontal) {
    return new Window(height.stride(vertical), width.stride(horizontal));
  }

  /** Spreads the taps: 1, the default, is dense. */
  public Window dilation(int both) {
    return dilation(both, both);
  }

  /** Spreads the taps vertically and horizontally. */
  public Window dilation(int vertical, int horizontal) {
    return new Window(height.dilation(vertical), width.dilation(horizontal));
  }

  /**
   * Rounds the number of places up instead of down, as {@code ceil_mode} in PyTorch: the last window may reach over the
   * padding, but must start inside the input or the near padding.
   */
  public Window ceilMode(boolean on) {
    return mode(on ? Mode.CEIL : Mode.FLOOR);
  }

  /** Refuses inputs on which the last window does not end exactly at the border. */
  public Window strict() {
    return mode(Mode.STRICT);
  }

  private Window mode(Mode mode) {
    return new Window(height.mode(mode), width.mode(mode));
  }

  /** The vertical direction. */
  public Axis height() {
    return height;
  }

  /** The horizontal direction. */
  public Axis width() {
    return width;
  }

  /** This window for pooling: the stride is the kernel unless set. */
  public Window pooling() {
    return new Window(height.orStride(height.kernel), width.orStride(width.kernel));
  }

  /**
   * This window for convolutions: the stride is 1 unless set.
   *
   * @throws ShapeException in ceil mode, which is for pooling
   */
  public Window convolution() {
    if (width.mode == Mode.CEIL) throw new ShapeException("Window: ceilMode is for pooling, not for convolutions");
    return new Window(height.orStride(1), width.orStride(1));
  }

  /** This window for one dimension: a row that has its horizontal direction, which is then called length. */
  Window row() {
    boolean flat = height.kernel == 1 && height.before + height.after == 0;
    if (!flat && !height.equals(width)) {
      throw new ShapeException("Window: one dimension needs a window that is the same in both directions, such as "
          + "Window.of(3).pad(1), got " + this);
    }
    return new Window(new Axis("height", 1, 1, 1, 0, 0, width.mode), width.named("length"));
  }

  /** As PyTorch prints it: {@code kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)}; defaults are left out. */
  @Override
  public String toString() {
    Axis h = height, w = width;
    String s = "kernel_size=" + pair(h.kernel, w.kernel) + ", stride=" + pair(h.stride(), w.stride());
    if (h.mode == Mode.SAME) s += ", padding=same";
    else if (h.before != h.after || w.before != w.after) {
      s += ", padding=(" + h.before + ", " + w.before + ", " + h.after + ", " + w.after + ")";
    } else if (h.before + w.before > 0) s += ", padding=" + pair(h.before, w.before);
    if (Math.max(h.dilation, w.dilation) > 1) s += ", dilation=" + pair(h.dilation, w.dilation);
    if (h.mode == Mode.CEIL) s += ", ceil_mode=True";
    return h.mode == Mode.STRICT ? s + ", strict" : s;
  }

  private static String pair(int a, int b) {
    return "(" + a + ", " + b + ")";
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Window w && height.equals(w.height) && width.equals(w.width);
  }

  @Override
  public int hashCode() {
    return 31 * height.hashCode() + width.hashCode();
  }

  /** One direction of a window. */
  public static final class Axis {
    private static final int MOST = 1 << 28; // so that sums of some fit the 32 bits of the native library

    private final String name;
    private final int kernel;
    private final int stride; // 0: not set
    private final int dilation;
    private final int before;
    private final int after;
    private final Mode mode;

    private Axis(String name, int kernel, int stride, int dilation, int before, int after, Mode mode) {
      this.name = name;
      this.kernel = kernel;
      this.stride = stride;
      this.dilation = dilation;
      this.before = before;
      this.after = after;
      this.mode = mode;
    }

    private Axis(String name, int kernel, Mode mode) {
      this(name, positive("kernel", kernel), 0, 1, 0, 0, mode);
    }

    private Axis named(String newName) {
      return new Axis(newName, kernel, stride, dilation, before, after, mode);
    }

    private static int positive(String what, int value) {
      if (value < 1) throw new ShapeException("Window: the " + what + " must be at least 1, got " + value);
      return small(what, value);
    }

    private static int small(String what, int value) {
      if (value > MOST) throw new ShapeException("Window: the " + what + " must be at most " + MOST + ", got " + value);
      return value;
    }

    private Axis pad(int newBefore, int newAfter) {
      if (Math.min(newBefore, newAfter) < 0) {
        throw new ShapeException("Window: the padding must not be negative, got " + Math.min(newBefore, newAfter));
      }
      if (mode == Mode.SAME) throw new ShapeException("Window: same() finds the padding itself");
      return new Axis(name, kernel, stride, dilation, small("padding", newBefore), small("padding", newAfter), mode);
    }

    private Axis stride(int newStride) {
      return new Axis(name, kernel, positive("stride", newStride), dilation, before, after, mode);
    }

    private Axis orStride(int newStride) {
      return stride > 0 ? this : stride(newStride);
    }

    private Axis dilation(int newDilation) {
      return new Axis(name, kernel, stride, positive("dilation", newDilation), before, after, mode);
    }

    private Axis mode(Mode newMode) {
      if (mode == Mode.SAME) throw new ShapeException("Window: same() rounds by itself");
      return new Axis(name, kernel, stride, dilation, before, after, newMode);
    }

    /** Number of taps. */
    public int kernel() {
      return kernel;
    }

    /** Elements from one place to the next; 1 unless set. */
    public int stride() {
      return Math.max(stride, 1);
    }

    /** Elements from one tap to the next; 1 where there is one alone. */
    public int dilation() {
      return kernel == 1 ? 1 : dilation;
    }

    /** Elements from the first tap to the last, both included. */
    public long span() {
      return (long) dilation * (kernel - 1) + 1;
    }

    /** Padding before an input of an extent. */
    public int before(int in) {
      return mode == Mode.SAME ? samePadding(in) / 2 : before;
    }

    /** Padding after an input of an extent. */
    public int after(int in) {
      return mode == Mode.SAME ? samePadding(in) - samePadding(in) / 2 : after;
    }

    private int samePadding(int in) {
      long out = (in + stride() - 1L) / stride();
      return exact(Math.max((out - 1) * stride() + span() - in, 0));
    }

    /**
     * Number of places on an input of an extent.
     *
     * @throws ShapeException if the window is larger than the padded input, or strict and not ending at its border, or
     *     if the padded input is larger than 2^28
     */
    public int out(int in) {
      long room = checkPadded(in) - span();
      if (room < 0) {
        throw new ShapeException("a window of " + name + " " + span() + " does not fit an input of " + name + " " + in
            + (before(in) + (long) after(in) > 0 ? " padded by " + before(in) + " and " + after(in) : ""));
      }
      if (mode == Mode.STRICT && room % stride() != 0) {
        throw new ShapeException("the output " + name + " (" + in + " + " + before + " + " + after + " - " + span()
            + ") / " + stride() + " + 1 is not an integer");
      }
      long out = room / stride() + 1;
      if (mode == Mode.CEIL && room % stride() != 0 && out * stride() < (long) in + before(in)) out++;
      return exact(out);
    }

    /**
     * The extent on which a window has this many places, and which more elements leave as it is: {@code (places - 1)
     * stride - before - after + span + more}, or for same() {@code places · stride}.
     *
     * @throws ShapeException if it is below 1, or larger than 2^28 with its padding, or unless {@code 0 <= more <
     *     stride}
     */
    public int in(int places, int more) {
      checkMore(more);
      long in = mode == Mode.SAME ? (long) places * stride()
          : (places - 1L) * stride() - before - after + span() + more;
      if (in < 1) throw new ShapeException("an output " + name + " of " + in + " is none");
      checkPadded(exact(in));
      return (int) in;
    }

    private long checkPadded(int in) {
      long padded = (long) in + before(in) + after(in);
      if (padded <= MOST) return padded;
      throw new ShapeException("an input of " + name + " " + in + " padded to " + padded + ", which must be at most "
          + MOST);
    }

    void checkMore(int more) {
      if (more < 0 || more >= stride()) {
        throw new ShapeException("an output padding must be at least 0 and below the stride of " + stride() + ", got "
            + more);
      }
      if (mode == Mode.SAME && more > 0) throw new ShapeException("same() needs no output padding, got " + more);
    }

    private int exact(long value) {
      if (value > Integer.MAX_VALUE) throw new ShapeException("a window of " + name + " " + span() + " is too large");
      return (int) value;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Axis a && kernel == a.kernel && stride == a.stride && dilation == a.dilation
          && before == a.before && after == a.after && mode == a.mode;
    }

    @Override
    public int hashCode() {
      return ((((kernel * 31 + stride) * 31 + dilation) * 31 + before) * 31 + after) * 31 + mode.hashCode();
    }
  }
}
