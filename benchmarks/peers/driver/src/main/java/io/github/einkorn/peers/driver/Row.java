package io.github.einkorn.peers.driver;

import io.github.einkorn.peers.Op;
import io.github.einkorn.peers.Task;
import io.github.einkorn.peers.Whole;
import io.github.einkorn.peers.Work;
import java.util.List;
import java.util.Locale;

/**
 * What was measured of a library in one configuration on one task.
 *
 * @param threads 0 where they mean nothing
 * @param samples one of each round, in {@link #unit}; none if it did not run
 * @param perProcess so many samples, one after the other, are of one process
 * @param peakBytes the largest resident size of the worker, or 0
 * @param note why it did not run, or a remark; may be empty
 */
record Row(Task task, int threads, Library library, String config, List<Double> samples, int perProcess,
    long peakBytes, String note) {
  /** A row that says why there are no figures. */
  static Row failed(Task task, int threads, Library library, String config, String reason) {
    return new Row(task, threads, library, config, List.of(), 1, 0, reason);
  }

  boolean ran() {
    return !samples.isEmpty();
  }

  double median() {
    return Stats.median(samples);
  }

  String name() {
    return config.equals("default") ? library.title : library.title + " " + config;
  }

  String unit() {
    return task == Whole.DOWNLOAD ? "MB" : task == Whole.MNIST ? "s" : "ms";
  }

  /** What is done in a second: images, floating point operations, steps. */
  String rate() {
    double perSecond = 1000 / median();
    if (task.images() > 0) return rate(task.images() * perSecond, "images/s");
    if (task instanceof Op op && op.flops() > 0) return rate(op.flops() * perSecond / 1e9, "GFLOP/s");
    return task instanceof Work || task instanceof Op op && op.kind() == Op.Kind.ADD ? rate(perSecond, "steps/s") : "";
  }

  private static String rate(double x, String unit) {
    return String.format(Locale.ROOT, x < 100 ? "%.1f %s" : "%,.0f %s", x, unit);
  }

  String spread() {
    return samples.size() < 2 ? ""
        : number(Stats.quantile(samples, 0.1)) + " .. " + number(Stats.quantile(samples, 0.9));
  }

  String peak() {
    return peakBytes == 0 ? "" : String.format(Locale.ROOT, "%,d MB", peakBytes / 1_000_000);
  }

  /** Four significant digits. */
  static String number(double x) {
    int decimals = x <= 0 ? 0 : Math.max(0, Math.min(6, 3 - (int) Math.floor(Math.log10(x))));
    return String.format(Locale.ROOT, "%." + decimals + "f", x);
  }
}
