package io.github.einkorn.plan;

import io.github.einkorn.Replay;
import io.github.einkorn.Tensor;
import io.github.einkorn.ops.Activated;
import io.github.einkorn.ops.Activation;

/**
 * One operation of a plan: the value numbered {@code output} from those numbered {@code inputs}, of which -1 is one
 * left out. The layer is the innermost one that ran it.
 */
record Step(Class<?> op, String layer, Replay replay, int[] inputs, int output) {
  Tensor run(Tensor[] values) {
    Tensor[] in = new Tensor[inputs.length];
    for (int i = 0; i < in.length; i++) in[i] = inputs[i] < 0 ? null : values[inputs[i]];
    Tensor y = replay.run(in);
    for (Tensor x : in) if (x == y) return y.detach();
    return y;
  }

  boolean reads(int value) {
    for (int i : inputs) if (i == value) return true;
    return false;
  }

  /** This and the next step in one. */
  Step with(Step next, Replay both, int... from) {
    String name = layer.equals(next.layer) || layer.endsWith(" + " + next.layer) ? layer : layer + " + " + next.layer;
    return new Step(op, name, both, from, next.output);
  }

  String name() {
    Activation behind = replay instanceof Activated r ? r.activation() : Activation.IDENTITY;
    return op.getSimpleName() + (behind == Activation.IDENTITY ? "" : behind.op.getSimpleName());
  }
}
