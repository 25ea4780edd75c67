package io.github.einkorn.benchmarks;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.OpCase;

/** A row on its representative inputs, ready to run: forward alone, or a step of forward and backward. */
final class Run implements AutoCloseable {
  private final OpCase row;
  private final Tensor[] inputs;
  private final Tensor ones;

  Run(OpCase row) {
    this.row = row;
    inputs = row.bench().inputs();
    try (var scope = new Scope()) {
      ones = row.differentiable() ? Tensor.like(row.run(inputs)).fillInPlace(1).keep() : null;
    }
  }

  Tensor forward() {
    try (var off = new NoGrad(); var scope = new Scope()) {
      return row.run(inputs);
    }
  }

  void step() {
    try (var scope = new Scope()) {
      row.run(inputs).backward(ones);
      for (Tensor x : inputs) x.zeroGrad();
    }
  }

  @Override
  public void close() {
    for (Tensor x : inputs) x.close();
    if (ones != null) ones.close();
  }
}
