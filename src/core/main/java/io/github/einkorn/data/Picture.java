package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Image;
import java.util.Objects;

/**
 * A {@link Sample} whose input is still an image.
 *
 * @param image what transforms work on
 * @param y what the model should say of it, as a label of shape () and type int64
 * @param weight what it counts in the loss; 1 unless said otherwise
 */
public record Picture(Image image, Tensor y, float weight) {
  /** Refuses nulls. */
  public Picture {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(y, "y");
  }

  /** Of weight 1. */
  public Picture(Image image, Tensor y) {
    this(image, y, 1);
  }

  /** An image with a label. */
  public static Picture of(Image image, long label) {
    return new Picture(image, Tensor.of(new long[] {label}, new int[0]));
  }
}
