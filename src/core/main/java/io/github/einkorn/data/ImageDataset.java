package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_bytes_to_float;
import static io.github.einkorn.global.einkorn.ek_gather_rows;
import static io.github.einkorn.global.einkorn.ek_get;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Image;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Labelled images in memory, one byte for each value. Samples and batches are floats x / 255 in [0, 1], or
 * (x / 255 - mean) / deviation after {@link #normalize}; labels are int64.
 */
public final class ImageDataset implements Pictures {
  private static final int PIECE = 1 << 14; // values converted at once: small enough to stay on the calling thread

  private static final float UNIT = 1 / 255f;

  private final Tensor images;
  private final Tensor labels;
  private final float scale;
  private final float shift;

  /**
   * A data set of uint8 images (N, C, H, W) and int64 labels (N), which it keeps out of scopes.
   *
   * @throws ShapeException if the shapes are others
   * @throws io.github.einkorn.DTypeException if the types are others
   */
  public ImageDataset(Tensor images, Tensor labels) {
    this(checked(images, labels), labels, UNIT, 0);
  }

  private ImageDataset(Tensor images, Tensor labels, float scale, float shift) {
    this.images = images.contiguous().keep();
    this.labels = labels.keep();
    this.scale = scale;
    this.shift = shift;
  }

  private static Tensor checked(Tensor images, Tensor labels) {
    Check.dtype("ImageDataset images", images, DType.UINT8);
    Check.dtype("ImageDataset labels", labels, DType.INT64);
    Check.rank("ImageDataset images", images, 4, "(N, C, H, W)");
    Check.rank("ImageDataset labels", labels, 1, "(N)");
    if (images.dim(0) != labels.dim(0)) {
      throw new ShapeException("ImageDataset: " + images.dim(0) + " images, but " + labels.dim(0) + " labels");
    }
    return images;
  }

  /**
   * The same images as (x / 255 - mean) / deviation.
   *
   * @throws IllegalArgumentException unless both are finite and the deviation is positive
   */
  public ImageDataset normalize(double mean, double deviation) {
    Check.finite("mean", mean);
    if (!(deviation > 0)) throw new IllegalArgumentException("deviation must be positive, got " + deviation);
    Check.finite("1 / deviation", 1 / deviation);
    return new ImageDataset(images, labels, (float) (1 / (255 * deviation)), (float) (-mean / deviation));
  }

  /** All images, uint8 (N, C, H, W). */
  public Tensor images() {
    return images;
  }

  /** All labels, int64 (N). */
  public Tensor labels() {
    return labels;
  }

  @Override
  public int size() {
    return images.dim(0);
  }

  @Override
  public Sample get(int index) {
    Tensor bytes = Rows.pick(images, index);
    Tensor x = Tensor.empty(bytes.shape());
    convert(bytes.address(), x.address(), x.size());
    bytes.close();
    return new Sample(x, Rows.pick(labels, index));
  }

  @Override
  public Picture picture(int index) {
    int channels = images.dim(1);
    int height = images.dim(2);
    int width = images.dim(3);
    byte[] bytes = new byte[(int) Rows.bytes(images)];
    Objects.checkIndex(index, size());
    ek_get(images.address() + (long) index * bytes.length, bytes, 0, bytes.length);
    Reference.reachabilityFence(images);
    Tensor y = Rows.pick(labels, index);
    if (scale == UNIT && shift == 0) return new Picture(Image.of(bytes, channels, height, width), y);
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) values[i] = (bytes[i] & 255) * scale + shift;
    return new Picture(Image.of(values, channels, height, width), y);
  }

  @Override
  public long[] targets() {
    return labels.toLongs();
  }

  /** Floats (n, C, H, W) and labels (n). */
  @Override
  public Batch batch(int[] indices) {
    Shape shape = images.shape().with(0, indices.length);
    long row = shape.size() / indices.length;
    int rows = (int) Math.max(1, Math.min(indices.length, PIECE / row));
    Tensor x = Tensor.empty(shape);
    try (Tensor at = Rows.longs(indices, size());
        Tensor bytes = Tensor.empty(DType.UINT8, Format.CONTIGUOUS, shape.with(0, rows))) {
      for (int i = 0; i < indices.length; i += rows) {
        int n = Math.min(rows, indices.length - i);
        Native.check(ek_gather_rows(images.address(), size(), row, at.address() + i * 8L, n, bytes.address()));
        convert(bytes.address(), x.address() + i * row * 4, n * row);
      }
    }
    Reference.reachabilityFence(images);
    return new Batch(x, Rows.pick(labels, indices));
  }

  private void convert(long bytes, long floats, long n) {
    for (long i = 0; i < n; i += PIECE) {
      Native.check(ek_bytes_to_float(bytes + i, floats + i * 4, Math.min(PIECE, n - i), scale, shift));
    }
  }
}
