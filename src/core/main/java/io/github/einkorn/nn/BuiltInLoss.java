package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.EinkornException;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;

/** A loss of the library with its reduction; L is the loss, for {@link #reduction} to return. */
abstract class BuiltInLoss<L extends BuiltInLoss<L>> implements Loss {
  Reduction reduction = Reduction.MEAN;

  abstract L self();

  abstract Tensor compute(Tensor prediction, Tensor target, Reduction reduction);

  /** Whether the losses of the elements are averaged (the default), added, or kept apart. Returns this. */
  public L reduction(Reduction wanted) {
    reduction = Objects.requireNonNull(wanted, "reduction");
    return self();
  }

  @Override
  public final Tensor forward(Tensor prediction, Tensor target) {
    return named(() -> compute(prediction, target));
  }

  @Override
  public final Tensor forward(Tensor prediction, Tensor target, Tensor weights) {
    return named(() -> {
      Tensor each = compute(prediction, target, Reduction.NONE);
      Check.floats("weights", weights);
      if (weights.rank() != 1 || each.rank() == 0 || weights.dim(0) != each.dim(0)) {
        throw new ShapeException("expected a weight for each sample, " + weights.shape() + " came for losses "
            + each.shape());
      }
      int[] column = new int[each.rank()];
      Arrays.fill(column, 1);
      column[0] = weights.dim(0);
      return reduce(each.mul(weights.reshape(column)), target);
    });
  }

  Tensor compute(Tensor prediction, Tensor target) {
    return compute(prediction, target, reduction);
  }

  /** What becomes of the weighted losses of the elements. */
  Tensor reduce(Tensor each, Tensor target) {
    return reduction.of(each);
  }

  private Tensor named(Supplier<Tensor> call) {
    try {
      return call.get();
    } catch (EinkornException e) {
      throw e.in(getClass().getSimpleName());
    }
  }

  /** Options beside the reduction, as {@code ", delta=1.0"}. */
  String details() {
    return "";
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(reduction=" + reduction.name().toLowerCase(Locale.ROOT) + details() + ")";
  }
}
