package io.github.einkorn.data;

import static io.github.einkorn.global.einkorn.ek_cast;

import io.github.einkorn.DType;
import io.github.einkorn.Format;
import io.github.einkorn.Native;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.lang.ref.Reference;
import java.util.function.Function;

/** Data sets in the form of MNIST: grey images in one IDX file, their labels in another. */
final class Digits {
  private Digits() {}

  /** The part "train" or "t10k", given how to read a file. */
  static ImageDataset load(String part, Function<String, Tensor> file) {
    try (Tensor images = file.apply(part + "-images-idx3-ubyte");
        Tensor labels = file.apply(part + "-labels-idx1-ubyte")) {
      Shape s = images.shape();
      return new ImageDataset(Tensors.view(images, Shape.of(s.dim(0), 1, s.dim(1), s.dim(2))), longs(labels));
    }
  }

  private static Tensor longs(Tensor bytes) {
    Tensor y = Tensor.empty(DType.INT64, Format.CONTIGUOUS, bytes.shape());
    Native.check(ek_cast(bytes.dtype().ordinal(), bytes.address(), y.dtype().ordinal(), y.address(), y.size()));
    Reference.reachabilityFence(bytes);
    return y;
  }
}
