package io.github.einkorn.peers.driver;

import io.github.einkorn.peers.Task;
import io.github.einkorn.peers.Whole;
import io.github.einkorn.peers.driver.WorkerProcess.Failed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Measures: each library in a process of its own, in turn, round after round. */
final class Rounds {
  private static final long MOST_STEPS = 1_000_000;

  private final Libraries libraries;
  private final List<Library> wanted;
  private final int rounds;
  private final int perProcess;
  private final double seconds;
  private final double timeout;
  private final Consumer<String> status;

  /**
   * How to measure.
   *
   * @param processes how many of each library share the rounds, one after the other
   * @param seconds how long a round of one library should take
   * @param timeout seconds after which a worker that does not answer is given up
   * @param status is told what happens
   */
  Rounds(Libraries libraries, List<Library> wanted, int rounds, int processes, double seconds,
      double timeout, Consumer<String> status) {
    this.libraries = libraries;
    this.wanted = wanted;
    this.rounds = rounds;
    this.perProcess = (rounds + processes - 1) / processes;
    this.seconds = seconds;
    this.timeout = timeout;
    this.status = status;
  }

  /** One library in one configuration: what is known of it so far. */
  private final class Entry {
    final Task task;
    final int threads;
    final Library library;
    final String config;
    final List<Double> samples = new ArrayList<>();
    WorkerProcess worker;
    double millis; // of a step, as far as known
    long peakBytes;
    String note = "";
    boolean failed;

    Entry(Task task, int threads, Library library, String config) {
      this.task = task;
      this.threads = threads;
      this.library = library;
      this.config = config;
      if (libraries.failure(library) != null) fail(libraries.failure(library));
    }

    void fail(String reason) {
      failed = true;
      note = reason;
      samples.clear();
    }

    void start() throws Failed {
      String name = task.toString();
      worker = new WorkerProcess(libraries.command(library, name, threads, config), library.environment,
          libraries.logs().resolve(name + "-" + threads + "-" + library + "-" + config + ".log"), timeout);
      millis = worker.ready();
    }

    void stop() {
      if (worker == null) return;
      peakBytes = Math.max(peakBytes, worker.peakBytes());
      worker.close();
      worker = null;
    }

    Row row() {
      return new Row(task, threads, library, config, List.copyOf(samples), perProcess, peakBytes, note);
    }
  }

  /** A part of the measuring, which may find that a worker fails. */
  private interface Part {
    void run(Entry entry) throws Failed;
  }

  /** Measures all libraries on one task; threads are ignored where they mean nothing. */
  Comparison measure(Task task, int threads) {
    var entries = new ArrayList<Entry>();
    for (Library library : wanted) {
      List<String> configs = task == Whole.DOWNLOAD ? List.of("default") : library.configs;
      for (String config : configs) entries.add(new Entry(task, threads, library, config));
    }
    try {
      if (task == Whole.DOWNLOAD) {
        each(entries, "size", this::download);
      } else if (task == Whole.COLD_START) {
        each(entries, "warming up", this::coldStart); // unpacks native libraries, once for all
        for (Entry e : entries) e.samples.clear();
        for (int i = 1; i <= rounds; i++) each(entries, "start " + i + " of " + rounds, this::coldStart);
      } else if (task == Whole.MNIST) {
        each(entries, "training", this::train);
      } else {
        for (int i = 0; i < rounds; i++) {
          if (i % perProcess == 0) {
            for (Entry e : entries) e.stop();
            each(entries, "warming up", Entry::start);
          }
          each(entries, "round " + (i + 1) + " of " + rounds, this::round);
        }
      }
    } finally {
      for (Entry e : entries) e.stop();
    }
    return new Comparison(task, threads, entries.stream().map(Entry::row).toList());
  }

  private void each(List<Entry> entries, String what, Part part) {
    for (Entry e : entries) {
      if (e.failed) continue;
      status.accept(e.task + ", " + e.threads + " thread(s), " + what + ": " + e.row().name());
      try {
        part.run(e);
      } catch (Failed f) {
        e.fail(f.getMessage());
        e.stop();
      }
    }
  }

  private void round(Entry e) throws Failed {
    long steps = Math.max(1, Math.min(MOST_STEPS, Math.round(seconds * 1000 / e.millis)));
    e.millis = e.worker.go(steps).millis();
    e.samples.add(e.millis);
  }

  private void coldStart(Entry e) throws Failed {
    long start = System.nanoTime();
    e.start();
    e.samples.add((System.nanoTime() - start) / 1e6);
    e.stop();
  }

  private void train(Entry e) throws Failed {
    e.start();
    double spent = 0;
    for (int epoch = 1; epoch <= Whole.EPOCHS; epoch++) {
      var answer = e.worker.go(1);
      spent += answer.millis() / 1000;
      e.note = String.format(Locale.ROOT, "%.4f after %d epochs, %.1f s", answer.accuracy(), epoch, spent);
      if (answer.accuracy() >= Whole.ACCURACY) {
        e.samples.add(spent);
        break;
      }
    }
    if (e.samples.isEmpty()) e.fail(String.format(Locale.ROOT, "%.2f not reached: %s", Whole.ACCURACY, e.note));
    e.stop();
  }

  private void download(Entry e) throws Failed {
    if (e.library.isNative()) throw new Failed("a part of Einkorn's");
    long bytes = 0;
    for (Path jar : libraries.jars(e.library)) {
      try {
        bytes += Files.size(jar);
      } catch (IOException x) {
        throw new UncheckedIOException(x);
      }
    }
    e.samples.add(bytes / 1e6);
  }
}
