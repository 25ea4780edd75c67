package io.github.einkorn.data.transforms;

/**
 * Bytes 0 to 255 as floats in [0, 1]. {@link Image#get} gives these anyway, and data sets end with them: it is here for
 * who writes it from habit, and changes nothing.
 */
public record ToTensor() implements FixedTransform {
  @Override
  public Image apply(Image image) {
    return image.isFloat() ? image : image.with(image.toFloats());
  }
}
