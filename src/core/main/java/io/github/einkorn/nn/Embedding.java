package io.github.einkorn.nn;

import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;

/**
 * y[…, :] = W[x[…], :]: int64 indices of any shape (…) to vectors (…, dimension), as of the words of a sentence. W
 * (number, dimension) starts from N(0, 1), as in PyTorch.
 */
public final class Embedding extends BuiltIn {
  private final int number;
  private final int dimension;
  private final Tensor weight;
  private Integer padding;

  /**
   * For indices 0..number-1.
   *
   * @throws IllegalArgumentException unless both are at least 1
   */
  public Embedding(int number, int dimension) {
    this.number = positive("number", number);
    this.dimension = positive("dimension", dimension);
    weight = parameter("weight", this::draw);
  }

  private Tensor draw() {
    Tensor w = Init.normal(Tensor.empty(Shape.of(number, dimension)), 0, 1);
    if (padding != null) io.github.einkorn.ops.Embedding.clear(w, padding);
    return w;
  }

  /**
   * The index that stands for padding, negative from the end: its vector becomes 0 and gets no gradient. The default is
   * none. Returns this.
   *
   * @throws IllegalArgumentException if there is no such index
   */
  public Embedding paddingIdx(int index) {
    padding = Functional.row("Embedding", index, number);
    io.github.einkorn.ops.Embedding.clear(weight, padding);
    return this;
  }

  /** W (number, dimension). */
  public Tensor weight() {
    return weight;
  }

  @Override
  Tensor compute(Tensor x) {
    return Functional.embedding(x, weight, padding);
  }

  @Override
  int inputRank() {
    return 2; // sentences of words
  }

  @Override
  protected String details() {
    return number + ", " + dimension + (padding == null ? "" : ", padding_idx=" + padding);
  }
}
