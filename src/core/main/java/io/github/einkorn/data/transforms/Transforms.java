package io.github.einkorn.data.transforms;

import io.github.einkorn.Check;
import java.util.List;

/**
 * Transforms one after the other, torchvision's {@code Compose}:
 *
 * <pre>{@code
 * Transforms.of(new Resize(256), new RandomCrop(227), new RandomHorizontalFlip(), new ToTensor(),
 *     new Normalize(mean, std))
 * }</pre>
 *
 * @param steps the transforms, first to last
 */
public record Transforms(List<Transform> steps) implements Transform {
  /** Copies the list. */
  public Transforms {
    steps = Check.all("steps", steps);
  }

  /** Transforms one after the other. */
  public static Transforms of(Transform... steps) {
    return new Transforms(Check.all("steps", steps));
  }

  @Override
  public Image apply(Image image, Draws draws) {
    for (Transform t : steps) image = t.apply(image, draws);
    return image;
  }

  @Override
  public boolean random() {
    return steps.stream().anyMatch(Transform::random);
  }
}
