package io.github.einkorn.ops;

import static io.github.einkorn.ops.OpCases.op;

import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Reduction;
import java.util.ArrayList;
import java.util.List;

/** Rows of {@link OpCases}: losses, reduced in every way. */
final class LossRows {
  private LossRows() {}

  static List<OpCase> all() {
    var rows = new ArrayList<OpCase>();
    for (Reduction r : Reduction.values()) {
      rows.add(op("crossEntropy: " + r, t -> Functional.crossEntropy(t[0], t[1], r),
          x -> Reference.nll(Reference.logSoftmax(x[0], 1), x[1], r.name())).says("crossEntropy").range(-6, 6)
          .shapes("1x1,1:i1", "3x7,3:i7", "9x10,9:i10", "31x64,31:i64").bad("3x7,4:i7", "7,7:i7")
              .bench("1000x10,1000:i10").settings(r.ordinal()));
      rows.add(op("nll: " + r, t -> Functional.nllLoss(t[0], t[1], r), x -> Reference.nll(x[0], x[1], r.name()))
          .says("nllLoss")
          .shapes("1x1,1:i1", "3x7,3:i7", "31x64,31:i64").bad("3x7,4:i7", "7,7:i7")
          .bench("1000x10,1000:i10").settings(r.ordinal()));
      rows.add(op("mse: " + r, t -> Functional.mseLoss(t[0], t[1], r), x -> Reference.mse(x[0], x[1], r.name()))
          .says("mseLoss")
          .shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7").bad("3,4", "3x1,3")
          .bench("1000x784,1000x784").settings(r.ordinal()));
      rows.add(op("bce: " + r, t -> Functional.bceLoss(t[0], t[1], r), x -> Reference.bce(x[0], x[1], r.name()))
          .says("bceLoss").range(0.05, 0.95).constant(false, true).shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7")
              .bad("3,4", "3x1,3").bench("1000x784,1000x784").settings(r.ordinal()));
      rows.add(op("bceWithLogits: " + r, t -> Functional.bceWithLogitsLoss(t[0], t[1], r),
          x -> Reference.bceWithLogits(x[0], x[1], r.name()))
          .says("bceWithLogitsLoss").range(-6, 6).constant(false, true)
          .shapes("1,1", "31,31", "3x7,3x7", "2x3x5x7,2x3x5x7").bad("3,4", "3x1,3").bench("1000x784,1000x784")
          .settings(r.ordinal()));
    }
    rows.add(op("crossEntropy: pixels", t -> Functional.crossEntropy(t[0], t[1]), x -> {
      Nd logits = x[0].permute(0, 2, 3, 1).reshape(x[1].v().length, x[0].shape()[1]);
      return Reference.nll(Reference.logSoftmax(logits, 1), x[1].reshape(x[1].v().length), "MEAN");
    }).says("crossEntropy").shapes("2x3x5x7,2x5x7:i3").bench("10x10x28x28,10x28x28:i10")
        .settings(Reduction.MEAN.ordinal()));
    return rows;
  }
}
