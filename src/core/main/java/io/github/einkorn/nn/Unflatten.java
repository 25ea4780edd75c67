package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** (N, product) to (N, sizes…): one dimension becomes several, in row-major order. One size may be -1: what is left. */
public final class Unflatten extends BuiltIn {
  private final int dim;
  private final int[] sizes;

  /**
   * Takes apart a dimension, of which negative ones count from the end.
   *
   * @throws IllegalArgumentException if there are no sizes
   */
  public Unflatten(int dim, int... sizes) {
    if (sizes.length == 0) throw new IllegalArgumentException("Unflatten: expected at least one size");
    this.dim = dim;
    this.sizes = sizes.clone();
  }

  @Override
  Tensor compute(Tensor x) {
    int axis = Check.axis("unflatten", x, dim);
    int[] from = x.shape().dims(), to = new int[from.length + sizes.length - 1];
    System.arraycopy(from, 0, to, 0, axis);
    System.arraycopy(sizes, 0, to, axis, sizes.length);
    System.arraycopy(from, axis + 1, to, axis + sizes.length, from.length - axis - 1);
    return x.reshape(to);
  }

  @Override
  protected String details() {
    return "dim=" + dim + ", unflattened_size=" + Arrays.stream(sizes).mapToObj(String::valueOf)
        .collect(Collectors.joining(", ", "(", sizes.length == 1 ? ",)" : ")"));
  }
}
