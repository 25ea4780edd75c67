package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One operation in one direction, on random data. Written as {@code W7-conv-n32-c32-o64-h14-k3-s1-g1-backward-data};
 * extents that an operation does not have are 0 and left out.
 *
 * @param n batch
 * @param c channels or features that come in; the number of elements for {@link Kind#ADAM} and {@link Kind#ADD}
 * @param o channels or features that go out
 * @param h height and width of the images that come in
 * @param k kernel; a convolution is padded by k / 2, pooling not at all
 * @param s stride
 * @param g groups
 */
public record Op(Kind kind, int n, int c, int o, int h, int k, int s, int g, Direction direction) implements Task {
  /** What is computed. */
  public enum Kind {
    /** A convolution without bias. Nothing prepared from the weight is kept: training changes it in every step. */
    CONV,
    /** Forward also finds where the maxima are, as backward needs it. */
    MAX_POOL,
    AVG_POOL,
    /** With the statistics of the batch, with weight and bias, moving the running statistics. */
    BATCH_NORM,
    /** With bias; its backward directions are those of x and of the weight (without the bias). */
    LINEAR,
    /** Softmax and cross-entropy of (n, c) against labels, averaged. */
    SOFTMAX_CE,
    /** One step of Adam for one tensor of c elements that has a gradient. */
    ADAM,
    RELU,
    /** The sum of two vectors of c elements: the cost of a call. */
    ADD
  }

  /** What of it is timed. The forward pass that a backward one needs is made once, outside of the time. */
  public enum Direction {
    FORWARD,
    /** The gradient of all inputs, given that of the output. */
    BACKWARD,
    /** The gradient of x alone, given that of the output. */
    BACKWARD_DATA,
    /** The gradient of the weight alone, given that of the output. */
    BACKWARD_WEIGHTS,
    /** Forward and backward at once, or an update. */
    STEP
  }

  /** The cost of a call. */
  static final Op ADD = new Op(Kind.ADD, 0, 8, 0, 0, 0, 0, 0, Direction.FORWARD);

  /** All of them, in the order of the table. */
  public static final List<Op> ALL = table();

  private static List<Op> table() {
    var all = new ArrayList<Op>();
    int[][] convolutions = { // n, c, o, h, k, s, g
        {32, 1, 32, 28, 3, 1, 1}, {32, 32, 64, 14, 3, 1, 1}, {32, 64, 128, 14, 3, 1, 1}, {32, 128, 128, 14, 3, 1, 1},
        {32, 256, 256, 7, 3, 1, 1}, {8, 64, 64, 56, 3, 1, 1}, {8, 128, 128, 28, 3, 1, 1}, {4, 3, 64, 224, 7, 2, 1},
        {8, 96, 256, 27, 5, 1, 1}, {4, 256, 64, 56, 1, 1, 1}, {8, 64, 64, 56, 3, 1, 64}};
    for (int[] e : convolutions) add(all, Kind.CONV, e[0], e[1], e[2], e[3], e[4], e[5], e[6]);
    add(all, Kind.MAX_POOL, 64, 64, 0, 28, 2, 2, 0);
    add(all, Kind.AVG_POOL, 64, 64, 0, 28, 2, 2, 0);
    add(all, Kind.BATCH_NORM, 16, 64, 0, 56, 0, 0, 0);
    add(all, Kind.RELU, 16, 64, 0, 56, 0, 0, 0);
    add(all, Kind.LINEAR, 128, 1024, 1024, 0, 0, 0, 0);
    add(all, Kind.SOFTMAX_CE, 128, 1000, 0, 0, 0, 0, 0);
    add(all, Kind.ADAM, 0, 1_000_000, 0, 0, 0, 0, 0);
    all.add(ADD);
    return List.copyOf(all);
  }

  private static void add(List<Op> all, Kind kind, int n, int c, int o, int h, int k, int s, int g) {
    List<Direction> directions = switch (kind) {
      case CONV, LINEAR -> List.of(Direction.FORWARD, Direction.BACKWARD_DATA, Direction.BACKWARD_WEIGHTS);
      case SOFTMAX_CE, ADAM -> List.of(Direction.STEP);
      default -> List.of(Direction.FORWARD, Direction.BACKWARD);
    };
    for (Direction d : directions) all.add(new Op(kind, n, c, o, h, k, s, g, d));
  }

  /** What is padded on each side. */
  public int pad() {
    return kind == Kind.CONV ? k / 2 : 0;
  }

  /** Height and width of the images that go out. */
  public int outputSize() {
    return k == 0 ? h : (h + 2 * pad() - k) / s + 1;
  }

  /** The extents of x. */
  public int[] input() {
    return h > 0 ? new int[] {n, c, h, h} : n > 0 ? new int[] {n, c} : new int[] {c};
  }

  /** The extents of y (of x for {@link Kind#SOFTMAX_CE}). */
  public int[] output() {
    int channels = o > 0 ? o : c;
    return h > 0 ? new int[] {n, channels, outputSize(), outputSize()} : n > 0 ? new int[] {n, channels} : input();
  }

  /** The extents of the weight of a convolution or a linear layer. */
  public int[] weight() {
    return kind == Kind.CONV ? new int[] {o, c / g, k, k} : new int[] {o, c};
  }

  /** Floating point operations of a direct convolution or a matrix product, else 0. */
  public double flops() {
    return switch (kind) {
      case CONV -> 2.0 * n * o * outputSize() * outputSize() * (c / g) * k * k;
      case LINEAR -> 2.0 * n * c * o;
      default -> 0;
    };
  }

  /** The classes of {@link Kind#SOFTMAX_CE}: the same for every library. */
  public long[] labels() {
    return Work.labels(n, c);
  }

  @Override
  public String toString() {
    var s = new StringBuilder(kind == Kind.ADD ? "W9-" : "W7-").append(name(kind).replace("-", ""));
    String[] tags = {"n", "c", "o", "h", "k", "s", "g"};
    int[] extents = {n, c, o, h, k, this.s, g};
    for (int i = 0; i < tags.length; i++) if (extents[i] > 0) s.append('-').append(tags[i]).append(extents[i]);
    return s.append('-').append(name(direction)).toString();
  }

  private static String name(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
