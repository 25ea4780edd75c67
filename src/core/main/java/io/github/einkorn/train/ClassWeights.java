package io.github.einkorn.train;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Batch;

/** What the samples of each class count in the loss: Keras's {@code class_weight}. */
record ClassWeights(float[] perClass) {
  ClassWeights {
    for (float w : perClass) Check.range("Trainer: a class weight", w, 0, Float.MAX_VALUE);
  }

  /** The weights (N) of the samples of a batch: those of their classes, 0 of an ignored label, times their own. */
  Tensor of(Batch batch, long ignored) {
    if (batch.targets().size() > 1) {
      throw new IllegalArgumentException("Trainer: class weights are for models with one output, and there are "
          + batch.targets().size() + " targets; CrossEntropyLoss.weight is for a single one");
    }
    float[] w = new float[batch.size()];
    long[] classes = classes(batch.y());
    for (int i = 0; i < w.length; i++) {
      long c = classes[i];
      if (c == ignored) continue;
      if (c < 0 || c >= perClass.length) {
        throw new IllegalArgumentException("Trainer: label " + c + " of sample " + i
            + " of the batch has no class weight; there are weights for 0.." + (perClass.length - 1));
      }
      w[i] = perClass[(int) c];
    }
    Tensor of = Tensor.of(w);
    return batch.weights() == null ? of : of.mul(batch.weights());
  }

  private static long[] classes(Tensor y) {
    if (y.rank() == 1 || y.rank() == 2 && y.dim(1) == 1) return y.to(DType.INT64).toLongs();
    if (y.rank() == 2) return y.to(DType.FLOAT32).argmax(1).toLongs();
    throw new ShapeException("Trainer: class weights need one label per sample, (N), (N, 1) or one-hot (N, C), got "
        + y.describe() + "; CrossEntropyLoss.weight takes labels of any shape");
  }
}
