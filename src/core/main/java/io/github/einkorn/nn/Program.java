package io.github.einkorn.nn;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The calls of a {@link Model} as steps from value to value. As in {@link Sequential}, neighbours are computed in one
 * pass where they can be and only one step reads what is between them, and where no gradient is needed, a value is
 * freed as soon as its last reader has run.
 */
final class Program {
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final List<Step> steps = new ArrayList<>();
  private final int size;

  /** A place for a tensor. */
  private static final class Value {
    final int slot;
    Step from; // null for inputs
    final List<Step> readers = new ArrayList<>();
    boolean isOutput;

    Value(int slot) {
      this.slot = slot;
    }

    /** Whether nobody but the steps has it. */
    boolean isPrivate() {
      return from != null && !isOutput && from.isPlain() && readers.stream().allMatch(Step::isPlain);
    }

    /** The only step that has a use for it, or null. */
    Step only() {
      return readers.size() == 1 && !isOutput ? readers.get(0) : null;
    }
  }

  private record Step(int index, Call call, String label, List<Value> in, List<Value> out) {
    /** Whether it holds on to nothing, see {@link Layer#isPlain}. */
    boolean isPlain() {
      return call.layer != null ? call.layer.isPlain() : !call.opaque;
    }

    Activation activation() {
      return call.layer == null ? Activation.IDENTITY : Fusion.activation(call.layer);
    }

    /** Whether it computes an activation behind it as well. */
    boolean takes(Activation activation) {
      return call.layer != null ? Fusion.takes(call.layer, activation) : isSum() && activation == Activation.RELU;
    }

    boolean isSum() {
      return !call.opaque && call.type.equals("Add")
          && call.inputs.get(0).shape().equals(call.inputs.get(1).shape());
    }

    /** This step and those behind it that decide on a pooling, each a layer that alone reads what is before it. */
    List<Step> chain() {
      var chain = new ArrayList<Step>();
      for (Step s = this; chain.size() < Fusion.POOLED_LAYERS && s != null && s.call.layer != null
          && s.in.size() == 1 && s.out.size() == 1; s = s.out.get(0).only()) {
        chain.add(s);
      }
      return chain;
    }

    /** The step to compute together with this one, or null: its activation, or the pooling behind this ReLU. */
    Step partner() {
      Step next = out.size() == 1 ? out.get(0).only() : null;
      if (next == null || next.call.layer == null) return null;
      if (activation() == Activation.RELU) return Fusion.takesReluBefore(next.call.layer) ? next : null;
      return takes(next.activation()) && next.partner() == null ? next : null;
    }
  }

  Program(Wiring wiring) {
    Map<Node, Value> values = new IdentityHashMap<>();
    for (Call c : wiring.calls) {
      for (Node n : c.outputs()) values.put(n, new Value(values.size()));
      if (c.isInput()) continue;
      String label = wiring.name(c) + " (" + c.type + ")";
      var step = new Step(steps.size(), c, label, of(c.inputs, values), of(c.outputs(), values));
      steps.add(step);
      step.in.forEach(v -> v.readers.add(step));
      step.out.forEach(v -> v.from = step);
    }
    size = values.size();
    inputs = of(wiring.inputs, values);
    outputs = of(wiring.outputs, values);
    outputs.forEach(v -> v.isOutput = true);
  }

  private static List<Value> of(List<Node> nodes, Map<Node, Value> values) {
    return nodes.stream().map(values::get).toList();
  }

  boolean isPlain() {
    return steps.stream().allMatch(Step::isPlain);
  }

  List<Tensor> run(List<Tensor> xs) {
    var run = new Run();
    for (Value v : inputs) run.tensors[v.slot] = xs.get(inputs.indexOf(v));
    for (Step s : steps) run.step(s);
    return outputs.stream().map(run::get).toList();
  }

  private final class Run {
    final Tensor[] tensors = new Tensor[size];
    private final int[] reads = new int[size];
    private final boolean[] done = new boolean[steps.size()];
    private final boolean freeing = !NoGrad.isRecording();

    Tensor get(Value v) {
      return tensors[v.slot];
    }

    void step(Step s) {
      if (done[s.index]) return;
      if (!pooled(s)) compute(s);
      for (Value v : s.in) if (++reads[v.slot] == v.readers.size() && freeing) free(v);
    }

    private void compute(Step s) {
      Step partner = s.partner();
      if (partner == null) {
        List<Tensor> ys = outputs(s);
        for (Value v : s.out) tensors[v.slot] = ys.get(s.out.indexOf(v));
      } else {
        done[partner.index] = true;
        tensors[partner.out.get(0).slot] = both(s, partner);
      }
    }

    /** Computes a convolution with the pooling behind it; false if it is none or that is not faster. */
    private boolean pooled(Step s) {
      if (!(s.call.layer instanceof Conv2d conv)) return false;
      List<Step> chain = s.chain();
      Fusion.Pooled pooled = Fusion.pooling(chain.stream().map(c -> c.call.layer).toList(), 0);
      Tensor y = pooled == null ? null : conv.runPooling(get(s.in.get(0)), pooled.pooling());
      if (y == null) return false;
      for (Step taken : chain.subList(1, pooled.last() + 1)) done[taken.index] = true;
      tensors[chain.get(pooled.last()).out.get(0).slot] = y;
      return true;
    }

    private List<Tensor> outputs(Step s) {
      Call c = s.call;
      List<Tensor> xs = s.in.stream().map(this::get).toList();
      return c.layer != null ? c.layer.run(xs) : List.of(Layer.named(s::label, () -> c.apply(xs)));
    }

    private Tensor both(Step s, Step partner) {
      Tensor x = get(s.in.get(0));
      if (s.isSum()) return Layer.named(s::label, () -> Functional.addRelu(x, get(s.in.get(1))));
      boolean before = s.activation() == Activation.RELU;
      Step taker = before ? partner : s, taken = before ? s : partner;
      return ((BuiltIn) taker.call.layer).run(x, taken.activation());
    }

    /** Frees a tensor that was read for the last time, unless it is that of another value as well. */
    private void free(Value v) {
      if (!v.isPrivate()) return;
      Tensor x = tensors[v.slot];
      tensors[v.slot] = null;
      for (Tensor other : tensors) if (other == x) return;
      x.close();
    }
  }
}
