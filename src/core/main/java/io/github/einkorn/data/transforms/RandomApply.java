package io.github.einkorn.data.transforms;

import java.util.Objects;

/**
 * Applies a transform to some images.
 *
 * @param transform what is applied
 * @param p the probability; default 0.5
 */
public record RandomApply(Transform transform, double p) implements Transform {
  /** To every second image. */
  public RandomApply(Transform transform) {
    this(transform, 0.5);
  }

  /** Refuses what is no probability. */
  public RandomApply {
    Objects.requireNonNull(transform, "transform");
    Args.probability("RandomApply", p);
  }

  @Override
  public Image apply(Image image, Draws draws) {
    return draws.chance(p) ? transform.apply(image, draws) : image;
  }
}
