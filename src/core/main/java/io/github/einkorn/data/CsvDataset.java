package io.github.einkorn.data;

import io.github.einkorn.Tensor;
import java.util.List;

/**
 * The rows of a table: x a vector of floats, one for each column, y the label or the number of the target column. Made
 * by {@link CsvReader}.
 */
public final class CsvDataset implements Dataset {
  private final TensorDataset rows;
  private final List<String> columns;
  private final List<String> classes;

  CsvDataset(Tensor x, Tensor y, List<String> columns, List<String> classes) {
    this.rows = new TensorDataset(x, y);
    this.columns = List.copyOf(columns);
    this.classes = List.copyOf(classes);
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
