package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_put;

import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Image;
import io.github.einkorn.data.transforms.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A data set of images that are transformed before they become tensors: {@link ImageFolder}, {@link ImageDataset}. One
 * of one's own needs {@link #size()} and {@link #picture(int)}. Samples are floats (C, H, W), a byte of 255 being 1.
 */
public interface Pictures extends Dataset {
  /**
   * An image with its target.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size()
   */
  Picture picture(int index);

  /** What a picture is called in messages: its file, or its index. */
  default String name(int index) {
    return "image " + index;
  }

  /** All images in order, each made when it is taken; for {@code Normalize.fit} and {@code Lighting.fit}. */
  default Stream<Image> stream() {
    return IntStream.range(0, size()).mapToObj(i -> picture(i).image());
  }

  @Override
  default Sample get(int index) {
    Picture p = picture(index);
    return new Sample(p.image().toTensor(), p.y()).weight(p.weight());
  }

  /**
   * Floats (n, C, H, W) and targets (n, …).
   *
   * @throws ShapeException if the images differ in size
   */
  @Override
  default Batch batch(int[] indices) {
    if (indices.length == 0) throw new ShapeException("batch: no indices");
    Tensor x = null;
    Shape shape = null;
    float[] values = null;
    List<Tensor> y = new ArrayList<>();
    List<Float> weights = new ArrayList<>();
    for (int i = 0; i < indices.length; i++) {
      Picture p = picture(indices[i]);
      Image image = p.image();
      Shape s = Shape.of(image.channels(), image.height(), image.width());
      if (x == null) {
        shape = s;
        values = new float[(int) s.size()];
        x = Tensor.empty(s.insert(0, indices.length));
      } else if (!s.equals(shape)) {
        throw new ShapeException("batch: " + name(indices[0]) + " has shape " + shape + ", " + name(indices[i]) + " "
            + s + ": end the transforms with one size for all, by Resize(height, width) or a crop, or use "
            + "batchSize(1)");
      }
      image.copyTo(values);
      ek_put(x.address() + i * 4L * values.length, values, 0, 4L * values.length);
      y.add(p.y());
      weights.add(p.weight());
    }
    return new Batch(List.of(x), List.of(Rows.stack("y", y, indices)), Batch.weights(weights));
  }

  @Override
  default Pictures transform(Transform transform) {
    return new Transformed(this, transform, 0);
  }

  @Override
  default Pictures seeded(long seed) {
    return this;
  }
}
