package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The rows of a table: x a vector of floats, one for each column, y the label or the number of the target column. Made
 * by {@link CsvReader}.
 */
public final class CsvDataset implements Dataset {
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,18}(\\.0*)?");

  private final TensorDataset rows;
  private final List<String> columns;
  private final List<String> classes;

  CsvDataset(Tensor x, Tensor y, List<String> columns, List<String> classes) {
    this.rows = new TensorDataset(x, y);
    this.columns = List.copyOf(columns);
    this.classes = List.copyOf(classes);
  }

  static boolean isWhole(String label) {
    return WHOLE.matcher(label).matches();
  }

  /** Labels from words: all of them whole numbers, or places in the sorted list of the words. */
  static CsvDataset labelled(Tensor x, List<String> words, List<String> columns) {
    boolean whole = isWhole(words.get(0));
    List<String> classes = whole ? List.of() : List.copyOf(new TreeSet<>(words));
    long[] labels = words.stream().mapToLong(w -> whole ? Long.parseLong(w.replaceAll("\\..*", ""))
        : Collections.binarySearch(classes, w)).toArray();
    return new CsvDataset(x, Tensor.of(labels), columns, classes);
  }

  /** What the values of x are called: the header's names, or the columns' numbers. */
  public List<String> columns() {
    return columns;
  }

  /** The words that labels 0, 1, … stand for; empty if the column has numbers. */
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Sample get(int index) {
    return rows.get(index);
  }

  @Override
  public Batch batch(int[] indices) {
    return rows.batch(indices);
  }

  @Override
  public long[] targets() {
    return rows.targets();
  }
}
