package io.github.einkorn.train;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The numbers of every epoch of a call of {@link Trainer#fit}. */
public final class History {
  private final Map<String, Series> all = new LinkedHashMap<>();
  private int epochs;
  private String stopReason = "";

  History() {}

  void add(Logs logs) {
    for (String name : logs.asMap().keySet()) all.computeIfAbsent(name, n -> new Series(epochs));
    all.forEach((name, series) -> series.values.add(logs.has(name) ? logs.get(name) : Double.NaN));
    epochs++;
  }

  void stopped(String reason) {
    stopReason = reason;
  }

  /**
   * One number per epoch, NaN where an epoch had none; {@code toString} shows them with few digits.
   *
   * @throws IllegalArgumentException if there is none of this name; the message lists those there are
   */
  public List<Double> get(String name) {
    Series s = all.get(name);
    if (s == null) throw new IllegalArgumentException("no \"" + name + "\" in the history: there are " + all.keySet());
    return s;
  }

  /** The names: {@code loss}, the metrics, those of the validation, and what callbacks added. */
  public Set<String> keys() {
    return Collections.unmodifiableSet(all.keySet());
  }

  /** Number of epochs that were finished. */
  public int epochs() {
    return epochs;
  }

  /** Why training was stopped before the last epoch asked for; empty if it was not. */
  public String stopReason() {
    return stopReason;
  }

  /** As {@code 2 epochs, loss [0.2171, 0.0712], accuracy [0.9341, 0.9781]}. */
  @Override
  public String toString() {
    return epochs + (epochs == 1 ? " epoch" : " epochs") + all.entrySet().stream()
        .map(e -> ", " + e.getKey() + " " + e.getValue())
        .collect(Collectors.joining());
  }

  /** Read-only. */
  private static final class Series extends AbstractList<Double> {
    private final List<Double> values;

    Series(int epochsWithout) {
      values = new ArrayList<>(Collections.nCopies(epochsWithout, Double.NaN));
    }

    @Override
    public Double get(int i) {
      return values.get(i);
    }

    @Override
    public int size() {
      return values.size();
    }

    @Override
    public String toString() {
      return values.stream().map(Text::number).collect(Collectors.joining(", ", "[", "]"));
    }
  }
}
