package io.github.einkorn.data;

import io.github.einkorn.Check;
import io.github.einkorn.EinkornException;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Draws;
import io.github.einkorn.data.transforms.Image;
import io.github.einkorn.data.transforms.Transform;
import io.github.einkorn.data.transforms.Transforms;
import java.util.Objects;

/** Pictures after a transform, which draws from the seed and the index. */
record Transformed(Pictures of, Transform transform, long seed) implements Pictures {
  Transformed {
    Objects.requireNonNull(transform, "transform");
  }

  @Override
  public int size() {
    return of.size();
  }

  @Override
  public Picture picture(int index) {
    Picture p = of.picture(index);
    try {
      return new Picture(transform.apply(p.image(), new Draws(seed, index)), p.y(), p.weight());
    } catch (EinkornException e) {
      throw e.in(name(index));
    }
  }

  @Override
  public String name(int index) {
    return of.name(index);
  }

  @Override
  public long[] targets() {
    return of.targets();
  }

  /** One row of transforms: two of them side by side would draw the same numbers. */
  @Override
  public Pictures transform(Transform next) {
    return new Transformed(of, Transforms.of(transform, next), seed);
  }

  @Override
  public Pictures seeded(long s) {
    Pictures origin = of.seeded(Draws.mix(s, 1));
    return transform.random() || origin != of ? new Transformed(origin, transform, s) : this;
  }

  /** Samples (C, H, W) of any data set as pictures. */
  record Tensors(Dataset of) implements Pictures {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Picture picture(int index) {
      Sample s = Views.sample(of, index);
      if (s.inputs().size() != 1 || s.targets().size() != 1) {
        throw new ShapeException("transform: expected one image and one target, but sample " + index + " has "
            + s.inputs().size() + " inputs and " + s.targets().size() + " targets: use map");
      }
      Tensor x = s.x();
      Check.floats("transform", x);
      Check.rank("transform", x, 3, "an image (C, H, W)");
      return new Picture(Image.of(x.toFloats(), x.dim(0), x.dim(1), x.dim(2)), s.y(), s.weight());
    }

    @Override
    public long[] targets() {
      return of.targets();
    }

    @Override
    public Pictures seeded(long seed) {
      Dataset origin = of.seeded(seed);
      return origin == of ? this : new Tensors(origin);
    }
  }
}
