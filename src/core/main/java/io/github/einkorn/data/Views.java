package io.github.einkorn.data;

import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.data.transforms.Draws;
import io.github.einkorn.data.transforms.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Data sets made from others. Whole batches are asked of the origin where it can give them. */
final class Views {
  private Views() {}

  record Mapped(Dataset of, UnaryOperator<Sample> function) implements Dataset {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Sample get(int index) {
      Sample given = sample(of, index), made = function.apply(given);
      if (made == null) throw new EinkornException("map: the function returned null for sample " + index);
      return made.weightOr(given.weight());
    }

    @Override
    public Dataset seeded(long seed) {
      Dataset origin = of.seeded(seed);
      return origin == of ? this : new Mapped(origin, function);
    }
  }

  record Weighted(Dataset of, float[] weights) implements Dataset {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Sample get(int index) {
      Sample s = sample(of, index);
      return s.weight(s.weight() * weights[index]);
    }

    @Override
    public Batch batch(int[] indices) {
      float[] w = new float[indices.length];
      for (int i = 0; i < w.length; i++) w[i] = weights[indices[i]];
      Batch b = of.batch(indices);
      Tensor own = Tensor.of(w);
      return new Batch(b.inputs(), b.targets(), b.weights() == null ? own : own.mul(b.weights()));
    }

    @Override
    public long[] targets() {
      return of.targets();
    }

    @Override
    public Dataset transform(Transform transform) {
      return new Weighted(of.transform(transform), weights);
    }

    @Override
    public Dataset seeded(long seed) {
      Dataset origin = of.seeded(seed);
      return origin == of ? this : new Weighted(origin, weights);
    }
  }

  record Targets(Dataset of, UnaryOperator<Tensor> function) implements Dataset {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Sample get(int index) {
      Sample s = sample(of, index);
      return new Sample(s.inputs(), s.targets().stream().map(y -> mapped(y, index)).toList(), s.weight());
    }

    @Override
    public Batch batch(int[] indices) {
      Batch b = of.batch(indices);
      return new Batch(b.inputs(), b.targets().stream().map(y -> mapped(y, indices)).toList(), b.weights());
    }

    private Tensor mapped(Tensor targets, int[] indices) {
      List<Tensor> y = new ArrayList<>(indices.length);
      for (int i = 0; i < indices.length; i++) y.add(mapped(Rows.pick(targets, i), indices[i]));
      return Rows.stack("y", y, indices);
    }

    private Tensor mapped(Tensor target, int index) {
      Tensor y = function.apply(target);
      if (y == null) throw new EinkornException("mapTargets: the function returned null for sample " + index);
      return y;
    }

    @Override
    public long[] targets() {
      long[] all = of.targets();
      for (int i = 0; i < all.length; i++) {
        try (var scope = new Scope()) {
          all[i] = label(List.of(mapped(Tensor.of(new long[] {all[i]}, new int[0]), i)), i);
        }
      }
      return all;
    }

    @Override
    public Dataset transform(Transform transform) {
      return new Targets(of.transform(transform), function);
    }

    @Override
    public Dataset seeded(long seed) {
      Dataset origin = of.seeded(seed);
      return origin == of ? this : new Targets(origin, function);
    }
  }

  record Concat(Dataset first, Dataset second) implements Dataset {
    Concat {
      Math.addExact(first.size(), second.size());
    }

    @Override
    public int size() {
      return first.size() + second.size();
    }

    @Override
    public Sample get(int index) {
      Objects.checkIndex(index, size());
      int n = first.size();
      return index < n ? first.get(index) : second.get(index - n);
    }

    @Override
    public Batch batch(int[] indices) {
      int n = first.size();
      if (Arrays.stream(indices).allMatch(i -> i < n)) return first.batch(indices);
      if (Arrays.stream(indices).allMatch(i -> i >= n)) {
        return second.batch(Arrays.stream(indices).map(i -> i - n).toArray());
      }
      return Dataset.super.batch(indices);
    }

    @Override
    public long[] targets() {
      long[] all = Arrays.copyOf(first.targets(), size());
      System.arraycopy(second.targets(), 0, all, first.size(), second.size());
      return all;
    }

    @Override
    public Dataset transform(Transform transform) {
      return new Concat(first.transform(transform), second.transform(transform));
    }

    @Override
    public Dataset seeded(long seed) {
      Dataset one = first.seeded(seed);
      Dataset two = second.seeded(Draws.mix(seed, 2));
      return one == first && two == second ? this : new Concat(one, two);
    }
  }

  /** A sample of a data set, which may be one of a program's own. */
  static Sample sample(Dataset of, int index) {
    Sample s = of.get(index);
    if (s == null) throw new EinkornException("the data set returned null for sample " + index);
    return s;
  }

  /** The only target of a sample, which must be a label. */
  static long label(List<Tensor> targets, int index) {
    if (targets.size() != 1) {
      throw new ShapeException("targets: expected one label, but sample " + index + " has " + targets.size()
          + " targets");
    }
    Tensor y = targets.get(0);
    if (y.dtype() != DType.INT64 || y.rank() != 0) {
      throw new DTypeException("targets: expected labels, int64 of shape (), but that of sample " + index + " is "
          + y.describe());
    }
    return Tensors.longs(y)[0];
  }
}
