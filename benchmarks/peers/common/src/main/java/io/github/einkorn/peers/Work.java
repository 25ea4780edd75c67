package io.github.einkorn.peers;

import java.util.Arrays;
import java.util.List;

/**
 * A net, a batch size, and whether it is trained or only run: what one row of the table measures. Written as
 * {@code W6-infer-16}.
 */
public record Work(Net net, int batch, boolean training) {
  /** All of them, in the order of the table. */
  public static final List<Work> ALL = List.of(
      new Work(Net.W1, 100, true), new Work(Net.W2, 100, true), new Work(Net.W3, 64, true),
      new Work(Net.W4, 64, true), new Work(Net.W5, 16, true), new Work(Net.W5, 16, false),
      new Work(Net.W6, 16, true), new Work(Net.W6, 1, false), new Work(Net.W6, 16, false),
      new Work(Net.QUICKSTART, 100, true));

  /** The work with a name, as {@link #toString} gives it. */
  public static Work of(String name) {
    return ALL.stream().filter(w -> w.toString().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown work " + name + ", expected one of " + ALL));
  }

  /** The extents of its input. */
  public int[] input() {
    return net.input(batch);
  }

  /** The classes of its batch: the same for every library. */
  public long[] labels() {
    long[] y = new long[batch];
    Arrays.setAll(y, i -> i * 7L % net.classes);
    return y;
  }

  @Override
  public String toString() {
    return net + "-" + (training ? "train" : "infer") + "-" + batch;
  }
}
