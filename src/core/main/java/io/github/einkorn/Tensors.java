package io.github.einkorn;

/** What the packages of the library may do to a tensor and programs need not. Internal: not for use outside. */
public final class Tensors {
  private Tensors() {}

  /** Frees a tensor; a later use throws a ClosedTensorException that says "was closed by" and these words. */
  public static void close(Tensor x, String who) {
    x.close(who);
  }

  /** The same memory in another shape of as many elements; the tensor must be contiguous. Not recorded. */
  public static Tensor view(Tensor x, Shape shape) {
    return x.viewAs(shape);
  }
}
