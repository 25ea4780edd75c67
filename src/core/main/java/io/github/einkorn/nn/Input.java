package io.github.einkorn.nn;

import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;

/** Where a {@link Model} begins: as {@code keras.Input}. */
public final class Input {
  private Input() {}

  /**
   * A node that stands for floats.
   *
   * @param sampleShape the shape of one sample, without the batch dimension, such as 1, 28, 28
   * @throws ShapeException if an extent is below 1
   */
  public static Node of(int... sampleShape) {
    return of(DType.FLOAT32, sampleShape);
  }

  /** As {@link #of(int...)}, for numbers of another type, such as the int64 indices of words. */
  public static Node of(DType dtype, int... sampleShape) {
    return Call.input(dtype, Shape.of(sampleShape)).outputs().get(0);
  }
}
