package io.github.einkorn.peers;

import java.util.List;

/**
 * The layers a workload is made of, as one library makes them. {@code L} is whatever the library builds nets from: a
 * layer, a function of a tensor, a node of a graph. Extents are those of PyTorch; images are square.
 */
public interface Layers<L> {
  /** A convolution of {@code in} to {@code out} channels. */
  L conv(int in, int out, int kernel, int stride, int pad, boolean bias);

  /** A 3x3 "same" convolution without bias of each channel by itself. */
  L depthwise(int channels, int stride);

  L linear(int in, int out);

  L batchNorm(int channels);

  L relu();

  /** min(max(x, 0), 6). */
  L relu6();

  L tanh();

  L sigmoid();

  L maxPool(int kernel, int stride, int pad);

  L avgPool(int kernel, int stride);

  /** The mean of each channel, flattened: (N, C, H, W) to (N, C). */
  L globalAvgPool();

  L flatten();

  L dropout(double p);

  /** relu(body(x) + shortcut(x)); an empty shortcut is x itself. */
  L residual(List<L> body, List<L> shortcut);

  /** body(x) + x. */
  L skip(List<L> body);
}
