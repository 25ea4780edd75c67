package io.github.einkorn.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The callbacks of a call of {@link Trainer#fit}, in order. */
final class Callbacks implements Iterable<Callback> {
  private final List<Callback> all = new ArrayList<>();
  private final List<Callback> begun = new ArrayList<>();

  /** A progress bar comes first, unless it is among them or is not wanted. */
  Callbacks(List<Callback> given, int verbose) {
    boolean there = given.stream().anyMatch(c -> c instanceof ProgressBar);
    if (verbose > 0 && !there) all.add(new ProgressBar().brief(verbose == 2));
    all.addAll(given);
  }

  @Override
  public Iterator<Callback> iterator() {
    return all.iterator();
  }

  void begin(Training training) {
    for (Callback c : all) {
      begun.add(c);
      c.onTrainBegin(training);
    }
  }

  /** Every callback that has begun gets its end; what is thrown first, the failure or by one of them, goes on. */
  void end(Training training, Throwable failure) {
    Throwable first = failure;
    for (Callback c : begun) {
      try {
        c.onTrainEnd(training);
      } catch (RuntimeException | Error e) {
        if (first == null) first = e;
        else if (first != e) first.addSuppressed(e);
      }
    }
    if (failure != null) return; // on its way already
    if (first instanceof Error e) throw e;
    if (first != null) throw (RuntimeException) first;
  }
}
