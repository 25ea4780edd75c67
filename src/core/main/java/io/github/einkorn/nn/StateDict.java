package io.github.einkorn.nn;

import io.github.einkorn.EinkornException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Copies values by name, all or none. */
final class StateDict {
  private StateDict() {}

  static void load(String type, Map<String, Tensor> to, Map<String, Tensor> from) {
    var problems = new ArrayList<String>();
    list("missing", to, from, problems);
    list("unexpected", from, to, problems);
    to.forEach((name, t) -> {
      if (from.containsKey(name)) compare(name, t, from.get(name), problems);
    });
    if (!problems.isEmpty()) {
      throw new EinkornException("this state does not fit " + type + ":\n  " + String.join("\n  ", problems));
    }
    try (var off = new NoGrad(); var scope = new Scope()) {
      // what may run out of memory comes first, so that nothing is half loaded
      List<Tensor> values = to.entrySet().stream().map(e -> from.get(e.getKey()).to(e.getValue().format())).toList();
      int i = 0;
      for (Tensor t : to.values()) {
        Tensor value = values.get(i++);
        if (value != t) t.copyInPlace(value);
      }
    }
  }

  private static void list(String what, Map<String, Tensor> these, Map<String, Tensor> those, List<String> problems) {
    var names = new LinkedHashSet<>(these.keySet());
    names.removeAll(those.keySet());
    if (!names.isEmpty()) problems.add(what + ": " + String.join(", ", names));
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
