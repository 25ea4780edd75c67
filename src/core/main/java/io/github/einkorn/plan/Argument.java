package io.github.einkorn.plan;

import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Pieces;
import java.util.SplittableRandom;

/** An input of a model: its name, the type of its samples, and the shape of one, without the batch dimension. */
public record Argument(String name, DType type, Shape sample) {
  /** A batch of n samples, all 0. */
  public Tensor zeros(int n) {
    return Tensor.zeros(sample.insert(0, n).dims()).to(type);
  }

  /** Numbers that do not touch the library's random state: floats in 0..1, or zeros, which every table of rows has. */
  Tensor random(int n, SplittableRandom random) {
    if (type != DType.FLOAT32) return zeros(n);
    Shape shape = sample.insert(0, n);
    return Pieces.floats(shape, shape.size(), (i, j) -> random.nextDouble());
  }
}
