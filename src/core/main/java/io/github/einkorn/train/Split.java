package io.github.einkorn.train;

import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;

/** The two parts of the data of a loader, each with its options; the second is for validation, all of it in order. */
record Split(DataLoader train, DataLoader valid) {
  static Split of(DataLoader whole, double part) {
    Dataset all = whole.dataset();
    int first = (int) (all.size() * (1 - part));
    if (first == 0 || first == all.size()) {
      throw new IllegalArgumentException("Trainer: a validationSplit of " + part + " of " + all.size()
          + " samples leaves none for " + (first == 0 ? "training" : "validation"));
    }
    try {
      return new Split(whole.over(all.take(first)), whole.over(all.skip(first)).shuffle(false).dropLast(false));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Trainer: validationSplit cannot take the data of this loader apart ("
          + e.getMessage() + "): give fit two loaders", e);
    }
  }
}
