package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;

/** MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov and Chen 2018). */
final class MobileNet {
  /** The paper's table 2: how much wider inside, channels, number of blocks, stride of the first. */
  private static final int[][] BLOCKS = {
    {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
  };

  private MobileNet() {}

  static <L> List<L> layers(Layers<L> l, int classes) {
    var all = new ArrayList<L>(List.of(l.conv(3, 32, 3, 2, 1, false), l.batchNorm(32), l.relu6()));
    int in = 32;
    for (int[] b : BLOCKS) {
      for (int i = 0; i < b[2]; i++) {
        int stride = i == 0 ? b[3] : 1;
        List<L> body = inverted(l, in, b[1], b[0], stride);
        if (stride == 1 && in == b[1]) all.add(l.skip(body));
        else all.addAll(body);
        in = b[1];
      }
    }
    all.addAll(List.of(l.conv(in, 1280, 1, 1, 0, false), l.batchNorm(1280), l.relu6(), l.globalAvgPool(),
        l.dropout(0.2), l.linear(1280, classes)));
    return all;
  }

  private static <L> List<L> inverted(Layers<L> l, int in, int out, int widening, int stride) {
    int inside = in * widening;
    var all = new ArrayList<L>();
    if (widening > 1) all.addAll(List.of(l.conv(in, inside, 1, 1, 0, false), l.batchNorm(inside), l.relu6()));
    all.addAll(List.of(l.depthwise(inside, stride), l.batchNorm(inside), l.relu6(),
        l.conv(inside, out, 1, 1, 0, false), l.batchNorm(out)));
    return all;
  }
}
