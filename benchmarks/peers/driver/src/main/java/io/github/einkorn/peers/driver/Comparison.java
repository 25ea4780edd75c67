package io.github.einkorn.peers.driver;

import io.github.einkorn.peers.Task;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** All rows of one task and one number of threads. */
record Comparison(Task task, int threads, List<Row> rows) {
  String title() {
    return task + (threads == 0 ? "" : threads == 1 ? ", 1 thread" : ", " + threads + " threads");
  }

  Optional<Row> einkorn() {
    return best(l -> l == Library.EINKORN);
  }

  /** The peer configuration with the smallest median. */
  Optional<Row> best() {
    return best(Library::isPeer);
  }

  /** The primitives alone, where that was measured. */
  Optional<Row> floor() {
    return best(l -> l == Library.ONEDNN);
  }

  private Optional<Row> best(Predicate<Library> among) {
    return rows.stream().filter(r -> r.ran() && among.test(r.library())).min(Comparator.comparingDouble(Row::median));
  }

  /** How many times longer a row takes than Einkorn; empty for Einkorn itself. */
  Optional<Stats.Ratio> ratio(Row row) {
    return einkorn().filter(e -> row.ran() && e != row)
        .map(e -> Stats.Ratio.of(row.samples(), e.samples(), row.perProcess()));
  }

  /**
   * That of the best peer, which is the smallest of all. Where several are near, another may be the best in the next
   * run, so the range is that of the smallest: from the lowest of their lower ends to the lowest of their upper ones.
   */
  Optional<Stats.Ratio> ratio() {
    List<Stats.Ratio> peers =
        rows.stream().filter(r -> r.library().isPeer()).flatMap(r -> ratio(r).stream()).toList();
    return best().flatMap(this::ratio).map(r -> new Stats.Ratio(r.value(),
        peers.stream().mapToDouble(Stats.Ratio::low).min().getAsDouble(),
        peers.stream().mapToDouble(Stats.Ratio::high).min().getAsDouble()));
  }
}
