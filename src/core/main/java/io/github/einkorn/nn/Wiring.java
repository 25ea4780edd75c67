package io.github.einkorn.nn;

import io.github.einkorn.Check;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** The calls between the inputs and outputs of a {@link Model}, in the order they were made, and their names. */
final class Wiring {
  final List<Node> inputs;
  final List<Node> outputs;
  final List<Call> calls; // those of the inputs too
  final Map<String, Layer> layers = new LinkedHashMap<>();
  private final Map<Call, String> names = new IdentityHashMap<>();

  Wiring(List<Node> inputs, List<Node> outputs) {
    this.inputs = Check.all("inputs", inputs);
    this.outputs = Check.all("outputs", outputs);
    if (inputs.isEmpty() || outputs.isEmpty()) {
      throw new IllegalArgumentException("Model: expected at least one input and one output");
    }
    for (Node n : inputs) {
      if (!n.from.isInput()) throw new IllegalArgumentException("Model: " + n + " is not an input, see Input.of(…)");
    }
    calls = List.copyOf(reached());
    name();
    if (new HashSet<>(outputs).size() < outputs.size()) {
      throw new IllegalArgumentException("Model: an output is there twice, there are " + names(outputs));
    }
  }

  private Set<Call> reached() {
    Set<Call> seen = new TreeSet<>(Comparator.comparingLong(c -> c.order));
    inputs.forEach(n -> seen.add(n.from));
    if (seen.size() < inputs.size()) throw new IllegalArgumentException("Model: an input is there twice: " + inputs);
    Deque<Call> open = new ArrayDeque<>();
    outputs.forEach(n -> open.push(n.from));
    while (!open.isEmpty()) {
      Call c = open.pop();
      if (!seen.add(c)) continue;
      if (c.isInput()) {
        throw new IllegalArgumentException("Model: the outputs depend on " + c.outputs().get(0)
            + ", which is not among the inputs " + inputs);
      }
      c.inputs.forEach(n -> open.push(n.from));
    }
    return seen;
  }

  private void name() {
    Map<Layer, List<Call>> byLayer = new IdentityHashMap<>();
    Set<String> taken = new HashSet<>();
    for (Call c : calls) {
      if (c.layer != null) byLayer.computeIfAbsent(c.layer, l -> new ArrayList<>()).add(c);
      if (c.name() != null && !taken.add(c.name())) {
        throw new IllegalArgumentException("Model: two nodes are named '" + c.name() + "'");
      }
    }
    for (Call c : calls) {
      if (c.layer == null) names.put(c, c.name() != null ? c.name() : free(c.kind(), taken));
      else if (!names.containsKey(c)) name(c.layer, byLayer.get(c.layer), taken);
    }
  }

  /** The name of a layer is the first that a call of it was given; calls without one of their own are numbered. */
  private void name(Layer layer, List<Call> of, Set<String> taken) {
    String given = of.stream().map(Call::name).filter(Objects::nonNull).findFirst().orElse(null);
    String name = given != null ? given : free(of.get(0).kind(), taken);
    layers.put(name, layer);
    for (int i = 0; i < of.size(); i++) {
      String own = of.get(i).name();
      names.put(of.get(i), own != null ? own : of.size() == 1 ? name : name + "#" + (i + 1));
    }
  }

  private static String free(String kind, Set<String> taken) {
    String name = kind;
    for (int i = 1; !taken.add(name); i++) name = kind + "_" + i;
    return name;
  }

  String name(Call c) {
    return names.get(c);
  }

  String name(Node n) {
    return n.nameIn(name(n.from));
  }

  List<String> names(List<Node> nodes) {
    return nodes.stream().map(this::name).toList();
  }
}
