package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Data sets made from others. Whole batches are asked of the origin where it can give them. */
final class Views {
  private Views() {}

  record Subset(Dataset of, int[] indices) implements Dataset {
    @Override
    public int size() {
      return indices.length;
    }

    @Override
    public Sample get(int index) {
      return of.get(indices[Objects.checkIndex(index, indices.length)]);
    }

    @Override
    public Batch batch(int[] chosen) {
      int[] there = new int[chosen.length];
      for (int i = 0; i < there.length; i++) there[i] = indices[Objects.checkIndex(chosen[i], indices.length)];
      return of.batch(there);
    }

    @Override
    public Dataset subset(int[] chosen) {
      int[] there = new int[chosen.length];
      for (int i = 0; i < there.length; i++) there[i] = indices[Objects.checkIndex(chosen[i], indices.length)];
      return new Subset(of, there);
    }
  }

  record Mapped(Dataset of, UnaryOperator<Sample> function) implements Dataset {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Sample get(int index) {
      Sample given = of.get(index), made = function.apply(given);
      return made.weight() == 1 ? made.weight(given.weight()) : made;
    }
  }

  record Weighted(Dataset of, float[] weights) implements Dataset {
    @Override
    public int size() {
      return of.size();
    }

    @Override
    public Sample get(int index) {
      Sample s = of.get(index);
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
  }
}
