package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_conv2d_candidates;
import static io.github.einkorn.global.einkorn.ek_error;

import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;

/**
 * A pass of a convolution's shape, as the native library tells them apart.
 *
 * @param op one of {@link #PASSES}
 * @param shape the numbers of an ek_conv2d_shape
 */
record Convolution(String op, List<Integer> shape) {
  /** The operations, by the number of their pass. */
  static final List<String> PASSES = List.of("conv2d", "conv2d_grad_input", "conv2d_grad_weight");
  private static final int NUMBERS = 16;

  Convolution {
    if (!PASSES.contains(op)) throw new IllegalArgumentException("expected one of " + PASSES + ", got " + op);
    shape = List.copyOf(shape);
    if (shape.size() != NUMBERS) {
      throw new IllegalArgumentException("a convolution's shape has " + NUMBERS + " numbers, got " + shape);
    }
  }

  int pass() {
    return PASSES.indexOf(op);
  }

  int[] numbers() {
    return shape.stream().mapToInt(i -> i).toArray();
  }

  /**
   * The algorithms that can compute it, the library's own choice first.
   *
   * @throws IllegalArgumentException if there is no such convolution
   */
  List<String> candidates() {
    return names(ek_conv2d_candidates(numbers(), pass()));
  }

  /** All algorithms that there are. */
  static List<String> algorithms() {
    return names(ek_conv2d_candidates(null, 0));
  }

  private static List<String> names(BytePointer text) {
    if (text == null || text.isNull()) throw new IllegalArgumentException(ek_error().getString());
    return List.of(text.getString().split(" "));
  }

  /** The shape to read: {@code 100x1x28x28 -> 6, 5x5, pad 2}. */
  String describe() {
    var s = new StringBuilder(times(0, 4) + " -> " + shape.get(4) + ", " + times(5, 7));
    option(s, "stride", 7, 9, 1);
    option(s, "dilation", 9, 11, 1);
    option(s, "pad", 11, 15, 0);
    option(s, "groups", 15, 16, 1);
    return s.toString();
  }

  private String times(int from, int to) {
    return shape.subList(from, to).stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /** One number where all are the same, and nothing where they are what is usual. */
  private void option(StringBuilder s, String name, int from, int to, int usual) {
    List<Integer> values = shape.subList(from, to);
    boolean same = values.stream().distinct().count() == 1;
    if (same && values.get(0) == usual) return;
    s.append(", ").append(name).append(' ').append(same ? values.get(0) : times(from, to));
  }
}
