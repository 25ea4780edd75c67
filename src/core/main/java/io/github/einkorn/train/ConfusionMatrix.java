package io.github.einkorn.train;

import io.github.einkorn.Check;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * How often each class was taken for each, and what follows from that:
 *
 * <pre>{@code
 * var confusion = new ConfusionMatrix();
 * new Trainer(model).metrics(confusion).evaluate(test);
 * System.out.println(confusion);
 * }</pre>
 *
 * <p>Understands the shapes of {@link Accuracy}; the number of classes is that of the first batch. As a metric it is
 * called {@code confusion_accuracy}, the share on the diagonal.
 */
public final class ConfusionMatrix implements Metric {
  private double threshold = 0.5;
  private long ignored = Answers.NOT_A_CLASS;
  private List<String> names;
  private long[][] counts = new long[0][];

  /** Without names, classes are called 0, 1, …. */
  public ConfusionMatrix() {}

  /** What the classes are called in the table. */
  public ConfusionMatrix names(String... classes) {
    names = Check.all("classes", classes);
    return this;
  }

  /** What a single score must exceed to mean 1: 0.5 for probabilities, the default; 0 for logits. */
  public ConfusionMatrix threshold(double value) {
    threshold = value;
    return this;
  }

  /** A class index that does not count, as if it were not there. Default -100, as of the losses. Returns this. */
  public ConfusionMatrix ignoreIndex(long label) {
    ignored = label;
    return this;
  }

  @Override
  public String name() {
    return "confusion_accuracy";
  }

  @Override
  public void reset() {
    counts = new long[0][];
  }

  /**
   * Counts a batch.
   *
   * @throws ShapeException if the shapes do not fit, or the number of classes is not that of earlier batches
   * @throws IllegalArgumentException if a target is not one of the classes
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    update(name(), prediction, target);
  }

  void update(String who, Tensor prediction, Tensor target) {
    try (var scope = new Scope()) {
      Answers a = Answers.of(who, prediction, target, threshold, ignored);
      int n = a.classes();
      if (counts.length == 0) counts = new long[n][n];
      if (counts.length != n) {
        throw new ShapeException(who + ": predictions " + prediction.shape() + " are for " + n
            + " classes, earlier ones were for " + counts.length);
      }
      long[][] more = new long[n][n]; // none if one is refused
      a.pieces((from, predicted, actual) -> {
        for (int i = 0; i < actual.length; i++) {
          int c = a.classOf(who, actual[i]);
          if (c >= 0) more[c][(int) predicted[i]]++;
        }
      });
      for (int c = 0; c < n; c++) for (int p = 0; p < n; p++) counts[c][p] += more[c][p];
    }
  }

  // ---- counts ----

  /** Number of samples by class, the row, and by predicted class, the column; a copy. */
  public long[][] counts() {
    return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
  }

  /** Number of samples of a class that were taken for another, or for what they are. */
  public long count(int actual, int predicted) {
    return counts[Objects.checkIndex(actual, counts.length)][Objects.checkIndex(predicted, counts.length)];
  }

  /** The share on the diagonal since the reset; NaN if there was nothing to count. */
  @Override
  public double result() {
    long right = 0;
    for (int c = 0; c < counts.length; c++) right += counts[c][c];
    return (double) right / all();
  }

  private long all() {
    return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
  }

  private long actual(int c) {
    return Arrays.stream(counts[c]).sum();
  }

  private long predicted(int c) {
    return Arrays.stream(counts).mapToLong(row -> row[c]).sum();
  }

  // ---- figures ----

  /** Of what was taken for a class, the share that is; 0 where nothing was, as scikit-learn has it. */
  public double precision(Average average) {
    return figure(average, (hit, actual, predicted) -> ratio(hit, predicted));
  }

  /** Of what is of a class, the share that was found; 0 where nothing is. */
  public double recall(Average average) {
    return figure(average, (hit, actual, predicted) -> ratio(hit, actual));
  }

  /** 2 · precision · recall / (precision + recall); 0 where there was nothing of a class and nothing taken for it. */
  public double f1(Average average) {
    return figure(average, (hit, actual, predicted) -> ratio(2 * hit, actual + predicted));
  }

  private interface Figure {
    double of(long hit, long actual, long predicted);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** NaN if there was nothing to count. */
  private double figure(Average average, Figure f) {
    long all = all();
    if (all == 0) return Double.NaN;
    if (average == Average.BINARY) {
      if (counts.length != 2) {
        throw new IllegalArgumentException("Average.BINARY is for 2 classes, and there are " + counts.length
            + ": choose MICRO, MACRO or WEIGHTED");
      }
      return f.of(counts[1][1], actual(1), predicted(1));
    }
    long hits = 0;
    double sum = 0, weights = 0;
    for (int c = 0; c < counts.length; c++) {
      long actual = actual(c), predicted = predicted(c);
      hits += counts[c][c];
      double weight = average == Average.WEIGHTED ? actual : actual + predicted > 0 ? 1 : 0;
      sum += weight * f.of(counts[c][c], actual, predicted);
      weights += weight;
    }
    return average == Average.MICRO ? f.of(hits, all, all) : sum / weights;
  }

  // ---- text ----

  private String name(int c) {
    return names != null && c < names.size() ? names.get(c) : String.valueOf(c);
  }

  /** A table with a row per class and a column per predicted class. */
  @Override
  public String toString() {
    int n = counts.length, first = "actual".length();
    int[] width = new int[n];
    for (int c = 0; c < n; c++) {
      first = Math.max(first, name(c).length());
      width[c] = name(c).length();
      for (long[] row : counts) width[c] = Math.max(width[c], String.valueOf(row[c]).length());
    }
    var s = new StringBuilder();
    s.append(" ".repeat(first)).append("  predicted\n");
    s.append("actual").append(" ".repeat(first - "actual".length()));
    for (int c = 0; c < n; c++) cell(s, name(c), width[c]);
    for (int r = 0; r < n; r++) {
      s.append('\n').append(name(r)).append(" ".repeat(first - name(r).length()));
      for (int c = 0; c < n; c++) cell(s, String.valueOf(counts[r][c]), width[c]);
    }
    return s.toString();
  }

  private static void cell(StringBuilder s, String text, int width) {
    s.append("  ").append(" ".repeat(width - text.length())).append(text);
  }
}
