package io.github.einkorn.ops;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The operations written out in doubles, straight from their formulas. */
final class Reference {
  private Reference() {}

  /** A window written out: no defaults, no modes. */
  record Win(int kh, int kw, int sh, int sw, int dh, int dw, int top, int left, int bottom, int right, boolean ceil) {
    static Win of(int k, int stride, int pad) {
      return new Win(k, k, stride, stride, 1, 1, pad, pad, pad, pad, false);
    }

    int outH(int h) {
      return out(h, kh, sh, dh, top, bottom);
    }

    int outW(int w) {
      return out(w, kw, sw, dw, left, right);
    }

    private int out(int in, int k, int s, int d, int before, int after) {
      int n = 0; // counts the places one by one
      for (int at = -before; at + d * (k - 1) < in + after; at += s) n++;
      int next = -before + n * s;
      boolean rest = next - s + d * (k - 1) < in + after - 1;
      return ceil && rest && next < in ? n + 1 : n;
    }
  }

  static Nd conv2d(Nd x, Nd w, Nd b, Win k, int groups) {
    int h = x.shape()[2], wd = x.shape()[3], o = w.shape()[0], c = w.shape()[1];
    return Nd.of(new int[] {x.shape()[0], o, k.outH(h), k.outW(wd)}, i -> {
      double sum = b == null ? 0 : b.v()[i[1]];
      int first = i[1] / (o / groups) * c;
      for (int p = 0; p < k.kh; p++) {
        int y = i[2] * k.sh + p * k.dh - k.top;
        if (y < 0 || y >= h) continue;
        for (int q = 0; q < k.kw; q++) {
          int z = i[3] * k.sw + q * k.dw - k.left;
          if (z < 0 || z >= wd) continue;
          for (int ch = 0; ch < c; ch++) sum += w.at(i[1], ch, p, q) * x.at(i[0], first + ch, y, z);
        }
      }
      return sum;
    });
  }

  /** Each x adds the kernel to a window of y, of which the padding is cut off. */
  static Nd convTranspose2d(Nd x, Nd w, Nd b, Win k, int more, int groups) {
    int n = x.shape()[0], c = x.shape()[1], h = x.shape()[2], wd = x.shape()[3], each = w.shape()[1];
    int oh = (h - 1) * k.sh + k.dh * (k.kh - 1) + 1 - k.top - k.bottom + more;
    int ow = (wd - 1) * k.sw + k.dw * (k.kw - 1) + 1 - k.left - k.right + more;
    Nd y = Nd.of(new int[] {n, each * groups, oh, ow}, i -> b == null ? 0 : b.v()[i[1]]);
    Nd.of(new int[] {n, c, h, wd}, i -> {
      for (int o = 0; o < each; o++) {
        for (int p = 0; p < k.kh; p++) {
          for (int q = 0; q < k.kw; q++) {
            int at = i[2] * k.sh + p * k.dh - k.top, along = i[3] * k.sw + q * k.dw - k.left;
            if (at < 0 || at >= oh || along < 0 || along >= ow) continue;
            y.add(x.at(i) * w.at(i[1], o, p, q), i[0], i[1] / (c / groups) * each + o, at, along);
          }
        }
      }
      return 0;
    });
    return y;
  }

  static Nd maxPool2d(Nd x, Win k) {
    return pool(x, k, (values, counted, padded) -> Arrays.stream(values, 0, counted).max().orElseThrow());
  }

  /** With countPad the taps inside the padding count, but not those that ceil mode lets reach beyond it. */
  static Nd avgPool2d(Nd x, Win k, boolean countPad) {
    return pool(x, k, (values, counted, padded) ->
        Arrays.stream(values, 0, counted).sum() / (countPad ? padded : counted));
  }

  private interface Fold {
    double of(double[] values, int counted, int padded);
  }

  private static Nd pool(Nd x, Win k, Fold fold) {
    int h = x.shape()[2], w = x.shape()[3];
    return Nd.of(new int[] {x.shape()[0], x.shape()[1], k.outH(h), k.outW(w)}, i -> {
      double[] values = new double[k.kh * k.kw];
      int counted = 0, padded = 0;
      for (int p = 0; p < k.kh; p++) {
        for (int q = 0; q < k.kw; q++) {
          int y = i[2] * k.sh + p * k.dh - k.top, z = i[3] * k.sw + q * k.dw - k.left;
          if (y < h + k.bottom && z < w + k.right) padded++;
          if (y >= 0 && y < h && z >= 0 && z < w) values[counted++] = x.at(i[0], i[1], y, z);
        }
      }
      return fold.of(values, counted, padded);
    });
  }

  /** Of (N, C, …); mean and var (C), or null for those of the batch. */
  static Nd batchNorm(Nd x, Nd gamma, Nd beta, Nd mean, Nd var, double eps) {
    int c = x.shape()[1];
    int[] others = IntStream.range(0, x.shape().length).filter(d -> d != 1).toArray();
    double n = (double) x.v().length / c;
    Nd m = mean != null ? mean : x.fold(0, Double::sum, others).map(s -> s / n).reshape(c);
    Nd centred = Nd.of(x.shape(), i -> x.at(i) - m.v()[i[1]]);
    Nd s = var != null ? var : centred.map(d -> d * d).fold(0, Double::sum, others).map(q -> q / n).reshape(c);
    return Nd.of(x.shape(), i -> centred.at(i) / Math.sqrt(s.v()[i[1]] + eps) * (gamma == null ? 1 : gamma.v()[i[1]])
        + (beta == null ? 0 : beta.v()[i[1]]));
  }

  static Nd softmax(Nd x, int dim) {
    Nd max = x.fold(Double.NEGATIVE_INFINITY, Math::max, dim);
    Nd e = Nd.zip(x, max, (a, b) -> Math.exp(a - b));
    return Nd.zip(e, e.fold(0, Double::sum, dim), (a, b) -> a / b);
  }

  static Nd logSoftmax(Nd x, int dim) {
    return softmax(x, dim).map(Math::log);
  }

  /** Of log-probabilities (N, C): none, mean or sum. */
  static Nd nll(Nd x, Nd labels, String reduction) {
    return reduce(Nd.of(labels.shape(), i -> -x.at(i[0], (int) labels.at(i))), reduction);
  }

  static Nd bce(Nd x, Nd t, String reduction) {
    return reduce(Nd.zip(x, t, (p, y) -> -(y * Math.log(p) + (1 - y) * Math.log(1 - p))), reduction);
  }

  static Nd bceWithLogits(Nd x, Nd t, String reduction) {
    return reduce(Nd.zip(x, t, (a, y) -> Math.log1p(Math.exp(a)) - y * a), reduction);
  }

  static Nd mse(Nd x, Nd t, String reduction) {
    return reduce(Nd.zip(x, t, (a, b) -> (a - b) * (a - b)), reduction);
  }

  private static Nd reduce(Nd losses, String reduction) {
    if (reduction.equals("NONE")) return losses;
    double sum = Arrays.stream(losses.v()).sum();
    return new Nd(new int[0], new double[] {reduction.equals("MEAN") ? sum / losses.v().length : sum});
  }

  static Nd linear(Nd x, Nd w, Nd b) {
    int[] to = x.shape().clone();
    to[to.length - 1] = w.shape()[0];
    return Nd.of(to, i -> {
      int[] k = i.clone();
      double sum = b == null ? 0 : b.v()[i[i.length - 1]];
      for (int j = 0; j < w.shape()[1]; j++) {
        k[k.length - 1] = j;
        sum += x.at(k) * w.at(i[i.length - 1], j);
      }
      return sum;
    });
  }

  /** Of at least two dimensions each. */
  static Nd matmul(Nd a, Nd b) {
    int ra = a.shape().length, rb = b.shape().length, rank = Math.max(ra, rb), k = a.shape()[ra - 1];
    int[] to = new int[rank];
    for (int d = 3; d <= rank; d++) {
      to[rank - d] = Math.max(d <= ra ? a.shape()[ra - d] : 1, d <= rb ? b.shape()[rb - d] : 1);
    }
    to[rank - 2] = a.shape()[ra - 2];
    to[rank - 1] = b.shape()[rb - 1];
    return Nd.of(to, i -> {
      int[] x = i.clone(), y = i.clone();
      double sum = 0;
      for (int j = 0; j < k; j++) {
        x[rank - 1] = j;
        y[rank - 2] = j;
        sum += a.stretched(x) * b.stretched(y);
      }
      return sum;
    });
  }

  static Nd cat(int dim, Nd... xs) {
    int[] to = xs[0].shape().clone();
    to[dim] = Arrays.stream(xs).mapToInt(x -> x.shape()[dim]).sum();
    return Nd.of(to, i -> {
      int[] k = i.clone();
      for (Nd x : xs) {
        if (k[dim] < x.shape()[dim]) return x.at(k);
        k[dim] -= x.shape()[dim];
      }
      throw new AssertionError();
    });
  }

  static Nd pad(Nd x, int top, int left, int bottom, int right, double value) {
    int r = x.shape().length, h = x.shape()[r - 2], w = x.shape()[r - 1];
    int[] to = x.shape().clone();
    to[r - 2] += top + bottom;
    to[r - 1] += left + right;
    return Nd.of(to, i -> {
      int[] k = i.clone();
      k[r - 2] -= top;
      k[r - 1] -= left;
      return k[r - 2] < 0 || k[r - 2] >= h || k[r - 1] < 0 || k[r - 1] >= w ? value : x.at(k);
    });
  }
}
