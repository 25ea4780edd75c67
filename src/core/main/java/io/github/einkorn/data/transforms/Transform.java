package io.github.einkorn.data.transforms;

/**
 * Makes an image of an image. Called from several threads at once; must neither change what it is given nor draw random
 * numbers elsewhere.
 */
@FunctionalInterface
public interface Transform {
  /** The new image; random choices are taken from the draws. */
  Image apply(Image image, Draws draws);

  /** Whether it draws random numbers. Default true. */
  default boolean random() {
    return true;
  }

  /**
   * The new image, as before a prediction.
   *
   * @throws IllegalStateException if this draws random numbers
   */
  default Image apply(Image image) {
    if (random()) {
      throw new IllegalStateException(this + " draws random numbers: use apply(image, new Draws(seed, index))");
    }
    return apply(image, null);
  }
}
