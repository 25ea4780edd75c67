package io.github.einkorn.data;

import io.github.einkorn.data.transforms.Draws;
import io.github.einkorn.data.transforms.Transform;
import java.util.Arrays;
import java.util.Objects;

/** Some samples of a data set. */
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
    return of.batch(there(chosen));
  }

  @Override
  public Dataset subset(int[] chosen) {
    return new Subset(of, there(chosen));
  }

  private int[] there(int[] chosen) {
    int[] there = new int[chosen.length];
    for (int i = 0; i < there.length; i++) there[i] = indices[Objects.checkIndex(chosen[i], indices.length)];
    return there;
  }

  @Override
  public long[] targets() {
    long[] all = of.targets();
    return Arrays.stream(indices).mapToLong(i -> all[i]).toArray();
  }

  @Override
  public Dataset transform(Transform transform) {
    return new Subset(of.transform(transform), indices);
  }

  @Override
  public Dataset seeded(long seed) {
    Dataset origin = of.seeded(seed);
    if (origin == of) return this;
    int[] seen = new int[of.size()];
    int[] round = Arrays.stream(indices).map(i -> seen[i]++).toArray();
    return Arrays.stream(round).anyMatch(r -> r > 0) ? new Repeated(this, round, seed) : new Subset(origin, indices);
  }

  /** A subset with some samples more than once: each time, random transforms draw other numbers. */
  record Repeated(Subset subset, int[] round, long seed) implements Dataset {
    @Override
    public int size() {
      return round.length;
    }

    @Override
    public Sample get(int index) {
      Objects.checkIndex(index, round.length);
      Dataset origin = subset.of.seeded(round[index] == 0 ? seed : Draws.mix(seed, round[index]));
      return origin.get(subset.indices[index]);
    }

    @Override
    public long[] targets() {
      return subset.targets();
    }

    @Override
    public Dataset seeded(long s) {
      return subset.seeded(s);
    }
  }
}
