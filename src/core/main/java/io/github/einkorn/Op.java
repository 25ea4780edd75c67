package io.github.einkorn;

/**
 * A differentiable operation as it was applied: a record whose components are what its gradient needs.
 *
 * <pre>{@code
 * record Square(Tensor x) implements Op {
 *   static Tensor apply(Tensor x) {
 *     return Graph.record(new Square(x), x.detach().mul(x.detach()), x);
 *   }
 *
 *   public Tensor[] backward(Tensor gy) {
 *     return new Tensor[] {gy.mul(x).mul(2)};
 *   }
 * }
 * }</pre>
 *
 * <p>A model with an operation that, unlike this one, is not put together from operations on tensors can be frozen if
 * {@link Graph#record(Op, Tensor, Replay, Tensor...)} is also told how to apply it again.
 */
public interface Op {
  /**
   * The gradients of the inputs, in the order they were recorded, for the gradient of the output; null where an input
   * has none. Runs without recording, in a scope of its own: what is not returned is freed afterwards.
   */
  Tensor[] backward(Tensor gy);

  /**
   * As {@link #backward(Tensor)}, where the first input may have a gradient from elsewhere already: an operation may
   * add its own to it in place and return it as the first. Unless it does, what is returned is added afterwards.
   *
   * @param there of the shape of the first input, in any format; null if there is none that may be changed
   */
  default Tensor[] backward(Tensor gy, Tensor there) {
    return backward(gy);
  }

  /**
   * Tensors made for this operation alone (positions, statistics, converted inputs), freed as soon as its gradient is
   * done. Those that are inputs, as when no conversion was needed, are left alone; null ones are skipped.
   */
  default Tensor[] owned() {
    return new Tensor[0];
  }
}
