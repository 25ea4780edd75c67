package io.github.einkorn.peers;

import java.util.Arrays;
import java.util.List;

/** A net, a batch size, and whether it is trained or only run. Written as {@code W6-infer-16}. */
public record Work(Net net, int batch, boolean training) implements Task {
  /** A net so small that the cost of calls is all there is. */
  static final Work XOR = new Work(Net.XOR, 4, true);

  /** All of them, in the order of the table. */
  public static final List<Work> ALL = List.of(
      new Work(Net.W1, 100, true), new Work(Net.W2, 100, true), new Work(Net.W3, 64, true),
      new Work(Net.W4, 64, true), new Work(Net.W5, 16, true), new Work(Net.W5, 16, false),
      new Work(Net.W6, 16, true), new Work(Net.W6, 1, false), new Work(Net.W6, 16, false),
      new Work(Net.RESNET50, 8, true), new Work(Net.RESNET50, 1, false),
      new Work(Net.MOBILENET, 16, true), new Work(Net.MOBILENET, 1, false), new Work(Net.MOBILENET, 16, false),
      new Work(Net.QUICKSTART, 100, true), XOR);

  /** The extents of its input. */
  public int[] input() {
    return net.input(batch);
  }

  /** The classes of its batch, 0 or 1 where there is one output: the same for every library. */
  public long[] labels() {
    return labels(batch, Math.max(2, net.classes));
  }

  static long[] labels(int n, int classes) {
    long[] y = new long[n];
    Arrays.setAll(y, i -> i * 7L % classes);
    return y;
  }

  @Override
  public int images() {
    return net == Net.XOR ? 0 : batch;
  }

  @Override
  public String toString() {
    return net + "-" + (training ? "train" : "infer") + "-" + batch;
  }
}
