package io.github.einkorn.nn;

import io.github.einkorn.EinkornException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Copies values by name, all or none. */
final class StateDict {
  private static final int LISTED = 8; // names of each kind in an error

  private StateDict() {}

  static void load(String type, Map<String, Tensor> to, Map<String, Tensor> from) {
    var problems = new ArrayList<String>();
    list("missing", absent(to, from).filter(n -> !isCounter(n)), problems);
    list("unexpected", absent(from, to), problems);
    prefix(to, from, problems);
    to.forEach((name, t) -> {
      if (from.containsKey(name)) compare(name, t, from.get(name), problems);
    });
    if (!problems.isEmpty()) {
      throw new EinkornException("this state does not fit " + type + ":\n  " + String.join("\n  ", problems));
    }
    try (var off = new NoGrad(); var scope = new Scope()) {
      // what may run out of memory comes first, so that nothing is half loaded
      var values = new LinkedHashMap<Tensor, Tensor>();
      to.forEach((name, t) -> values.put(t, from.containsKey(name) ? from.get(name).to(t.format()) : null));
      values.forEach((t, value) -> {
        if (value == null) t.fillInPlace(0);
        else if (value != t) t.copyInPlace(value);
      });
    }
  }

  /** PyTorch's first files of batch normalization had no counter: like PyTorch, take it for 0. */
  private static boolean isCounter(String name) {
    return name.endsWith("num_batches_tracked");
  }

  private static Stream<String> absent(Map<String, Tensor> these, Map<String, Tensor> those) {
    return these.keySet().stream().filter(n -> !those.containsKey(n));
  }

  private static void list(String what, Stream<String> names, List<String> problems) {
    List<String> all = names.toList();
    if (all.isEmpty()) return;
    String more = all.size() > LISTED ? " and " + (all.size() - LISTED) + " more" : "";
    problems.add(what + ": " + all.stream().limit(LISTED).collect(Collectors.joining(", ")) + more);
  }

  /** Tells that all names have the same words in front, as those of PyTorch's DataParallel have "module.". */
  private static void prefix(Map<String, Tensor> to, Map<String, Tensor> from, List<String> problems) {
    if (to.isEmpty() || from.isEmpty()) return;
    String first = from.keySet().iterator().next();
    to.keySet().stream().filter(n -> first.endsWith("." + n)).findFirst().ifPresent(n -> {
      String prefix = first.substring(0, first.length() - n.length());
      if (from.keySet().stream().allMatch(f -> f.startsWith(prefix) && to.containsKey(f.substring(prefix.length())))) {
        problems.add("every name begins with \"" + prefix + "\": take that away before loadStateDict");
      }
    });
  }

  private static void compare(String name, Tensor mine, Tensor given, List<String> problems) {
    if (given == null) {
      problems.add(name + ": null");
    } else if (given.isClosed()) {
      problems.add(name + ": " + given);
    } else if (!given.shape().equals(mine.shape()) || given.dtype() != mine.dtype()) {
      problems.add(name + ": expected " + mine.describe() + ", got " + given.describe());
    }
  }
}
