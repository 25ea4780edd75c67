package io.github.einkorn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a batch or an epoch by name, {@code loss} first, in the order they are shown. */
public final class Logs {
  private final Map<String, Double> values = new LinkedHashMap<>();

  /** No numbers yet. */
  public Logs() {}

  /** Adds a number or replaces it; the logs of an epoch end up in the history. Returns this. */
  public Logs put(String name, double value) {
    values.put(name, value);
    return this;
  }

  /** Whether there is a number of this name. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /**
   * A number.
   *
   * @throws IllegalArgumentException if there is none of this name; the message lists those there are
   */
  public double get(String name) {
    Double v = values.get(name);
    if (v == null) throw new IllegalArgumentException("no \"" + name + "\" in the logs: there are " + values.keySet());
    return v;
  }

  /** All numbers. */
  public Map<String, Double> asMap() {
    return Collections.unmodifiableMap(values);
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
