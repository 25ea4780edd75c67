package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * y = x ⋆ W + b where each output map sees some of the input maps: (N, in, H, W) to (N, out, H', W'). Only the kernels
 * of connections that exist are parameters: W (connections, kernel height, kernel width), those of the first output map
 * first, and b (out). Both start from U(±1/√fan_in) with the fan_in of their map. C3 of LeNet-5 is one (LeCun et al.
 * 1998, table I), see {@code io.github.einkorn.models.LeNet5}.
 *
 * <p>It is computed as a convolution whose other kernels are 0.
 */
public final class SparseConv2d extends BuiltIn {
  private static final int MOST_PAIRS = 1 << 24; // a number for each is kept

  private final int in;
  private final int[][] connections;
  private final Window window;
  private final long[] kernels; // for each pair of output and input the number of its kernel, or of zeros
  private final Tensor weight;
  private final Tensor bias;

  /**
   * With the input maps 0..in-1 that each output map sees, and a window whose stride is 1 unless set.
   *
   * @throws IllegalArgumentException unless every output map sees some of them, each once, and there are at most 2^24
   *     pairs of an input and an output map
   */
  public SparseConv2d(int in, int[][] connections, Window window) {
    this.in = positive("in", in);
    positive("number of output maps", connections.length);
    this.connections = Arrays.stream(connections).map(int[]::clone).toArray(int[][]::new);
    this.window = window.convolution();
    this.kernels = numbers();
    weight = parameter("weight", () -> drawn(o -> Shape.of(this.connections[o].length, kernelHeight(), kernelWidth())));
    bias = parameter("bias", () -> drawn(o -> Shape.of(1)));
  }

  /** A part for each output map, from its range. */
  private Tensor drawn(IntFunction<Shape> shape) {
    return Tensor.cat(0, IntStream.range(0, connections.length).mapToObj(o -> Init.standard(
        Tensor.empty(shape.apply(o)), (long) connections[o].length * kernelHeight() * kernelWidth()))
        .toArray(Tensor[]::new));
  }

  private int kernelHeight() {
    return window.height().kernel();
  }

  private int kernelWidth() {
    return window.width().kernel();
  }

  private int count() {
    return Arrays.stream(connections).mapToInt(c -> c.length).sum();
  }

  private long[] numbers() {
    long pairs = (long) connections.length * in;
    if (pairs > MOST_PAIRS) {
      throw new IllegalArgumentException("SparseConv2d: expected at most " + MOST_PAIRS + " pairs of maps, got "
          + connections.length + " output maps of " + in + " input maps");
    }
    long[] numbers = new long[(int) pairs];
    Arrays.fill(numbers, count());
    long next = 0;
    for (int o = 0; o < connections.length; o++) {
      if (connections[o].length == 0) throw bad(o, "sees no input map");
      for (int i : connections[o]) {
        if (i < 0 || i >= in) throw bad(o, "sees input map " + i + ", which is not in 0.." + (in - 1));
        if (numbers[o * in + i] != count()) throw bad(o, "sees input map " + i + " twice");
        numbers[o * in + i] = next++;
      }
    }
    return numbers;
  }

  private static IllegalArgumentException bad(int map, String what) {
    return new IllegalArgumentException("SparseConv2d: output map " + map + " " + what);
  }

  /** W (connections, kernel height, kernel width). */
  public Tensor weight() {
    return weight;
  }

  /** b (out). */
  public Tensor bias() {
    return bias;
  }

  /** W as a {@link Conv2d} has it, (out, in, kernel height, kernel width), with zeros where nothing is connected. */
  public Tensor dense() {
    Tensor zeros = Tensor.zeros(1, kernelHeight(), kernelWidth());
    return Tensor.cat(0, weight, zeros).indexSelect(Tensor.of(kernels))
        .reshape(connections.length, in, kernelHeight(), kernelWidth());
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.conv2d(x, dense(), bias, window);
  }

  @Override
  int inputRank() {
    return 4;
  }

  @Override
  protected String details() {
    return in + ", " + connections.length + ", " + window + ", connections=" + count();
  }
}
