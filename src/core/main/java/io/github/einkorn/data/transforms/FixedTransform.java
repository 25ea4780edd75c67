package io.github.einkorn.data.transforms;

/** A transform without random choices. */
@FunctionalInterface
public interface FixedTransform extends Transform {
  @Override
  Image apply(Image image);

  @Override
  default Image apply(Image image, Draws draws) {
    return apply(image);
  }

  @Override
  default boolean random() {
    return false;
  }
}
