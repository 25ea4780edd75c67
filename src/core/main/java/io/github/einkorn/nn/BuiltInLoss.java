package io.github.einkorn.nn;

import io.github.einkorn.EinkornException;
import io.github.einkorn.Tensor;
import java.util.Locale;
import java.util.Objects;

/** A loss of the library with its reduction; L is the loss, for {@link #reduction} to return. */
abstract class BuiltInLoss<L extends BuiltInLoss<L>> implements Loss {
  private Reduction reduction = Reduction.MEAN;

  abstract L self();

  abstract Tensor compute(Tensor prediction, Tensor target, Reduction reduction);

  /** Whether the losses of the elements are averaged (the default), added, or kept apart. Returns this. */
  public L reduction(Reduction wanted) {
    reduction = Objects.requireNonNull(wanted, "reduction");
    return self();
  }

  @Override
  public final Tensor forward(Tensor prediction, Tensor target) {
    try {
      return compute(prediction, target, reduction);
    } catch (EinkornException e) {
      throw e.in(getClass().getSimpleName());
    }
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(reduction=" + reduction.name().toLowerCase(Locale.ROOT) + ")";
  }
}
