package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;

/** Residual networks of the paper (He, Zhang, Ren and Sun 2015), for images of any number of channels. */
public final class ResNets {
  private ResNets() {}

  /** Two 3x3 convolutions a block. */
  public static <L> List<L> resNet18(Layers<L> l, int channels, int classes) {
    return layers(l, channels, classes, 1, new int[] {2, 2, 2, 2}, (in, width, stride) -> List.of(
        l.conv(in, width, 3, stride, 1, false), l.batchNorm(width), l.relu(),
        l.conv(width, width, 3, 1, 1, false), l.batchNorm(width)));
  }

  /** Bottlenecks: 1x1, 3x3, which has the stride, and 1x1 to four times the width. */
  public static <L> List<L> resNet50(Layers<L> l, int channels, int classes) {
    return layers(l, channels, classes, 4, new int[] {3, 4, 6, 3}, (in, width, stride) -> List.of(
        l.conv(in, width, 1, 1, 0, false), l.batchNorm(width), l.relu(),
        l.conv(width, width, 3, stride, 1, false), l.batchNorm(width), l.relu(),
        l.conv(width, 4 * width, 1, 1, 0, false), l.batchNorm(4 * width)));
  }

  private interface Body<L> {
    List<L> of(int in, int width, int stride);
  }

  private static <L> List<L> layers(Layers<L> l, int channels, int classes, int widening, int[] blocks, Body<L> body) {
    var all = new ArrayList<L>(
        List.of(l.conv(channels, 64, 7, 2, 3, false), l.batchNorm(64), l.relu(), l.maxPool(3, 2, 1)));
    int in = 64;
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = 64 << stage, out = width * widening;
      for (int i = 0; i < blocks[stage]; i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        all.add(l.residual(body.of(in, width, stride),
            in == out ? List.of() : List.of(l.conv(in, out, 1, stride, 0, false), l.batchNorm(out))));
        in = out;
      }
    }
    all.add(l.globalAvgPool());
    all.add(l.linear(in, classes));
    return all;
  }
}
