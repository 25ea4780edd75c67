package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;

/** One row of the table: what every library is asked to do. Its name is {@link #toString}, as {@code W6-infer-16}. */
public sealed interface Task permits Work, Op, Whole {
  /** All of them, in the order of the table. */
  static List<Task> all() {
    var all = new ArrayList<Task>(Work.ALL.subList(0, Work.ALL.indexOf(Work.XOR)));
    all.addAll(Op.ALL.subList(0, Op.ALL.indexOf(Op.ADD)));
    all.addAll(List.of(Whole.values()));
    all.add(Op.ADD);
    all.add(Work.XOR);
    return all;
  }

  /**
   * The task with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Task of(String name) {
    return all().stream().filter(t -> t.toString().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no task is named " + name + "; there are " + all()));
  }

  /** What it belongs to: {@code W1} to {@code W9}, {@code quickstart}. */
  default String group() {
    return toString().split("-")[0];
  }

  /** Images that one step takes in, or 0 where that means nothing. */
  default int images() {
    return 0;
  }
}
