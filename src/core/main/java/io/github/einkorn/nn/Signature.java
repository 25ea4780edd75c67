package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.plan.Argument;
import java.util.List;
import java.util.stream.Collectors;

/** What a {@link Predictor} takes and gives. */
record Signature(String model, List<Argument> inputs, List<String> outputs) {
  List<String> inputNames() {
    return inputs.stream().map(Argument::name).toList();
  }

  /** The only input, where there is one output too. */
  Argument single() {
    if (inputs.size() == 1 && outputs.size() == 1) return inputs.get(0);
    throw new IllegalArgumentException("predict: " + model + " was frozen with the inputs " + inputNames()
        + " and the outputs " + outputs + ": use predict(List)");
  }

  /** Whether these are one sample, not a batch. */
  boolean isSample(List<Tensor> xs) {
    if (xs.size() != inputs.size()) {
      throw new IllegalArgumentException("predict: " + model + " was frozen with the inputs " + inputNames() + ", got "
          + xs.size() + (xs.size() == 1 ? " tensor" : " tensors"));
    }
    Argument first = inputs.get(0);
    int n = count(first, xs.get(0));
    for (int i = 1; i < xs.size(); i++) {
      Argument input = inputs.get(i);
      int other = count(input, xs.get(i));
      if (other == n) continue;
      throw new ShapeException(what(input) + " is " + text(other) + ", and '" + first.name() + "' " + text(n));
    }
    return n < 0;
  }

  /** The size of a batch, or -1 for a sample. */
  private int count(Argument input, Tensor x) {
    Check.dtype(what(input), x, input.type());
    if (x.shape().equals(input.sample())) return -1;
    if (x.rank() > 0 && x.shape().without(0).equals(input.sample())) return x.dim(0);
    throw unfit(input, x.shape().toString());
  }

  private static String text(int n) {
    return n < 0 ? "one sample" : "a batch of " + n;
  }

  private String what(Argument input) {
    return inputs.size() == 1 ? "predict" : "predict: input '" + input.name() + "'";
  }

  ShapeException unfit(Argument input, String got) {
    String n = input.sample().insert(0, 1).toString().replaceFirst("1", "N");
    return new ShapeException(what(input) + ": expected " + input.sample() + " or " + n
        + ", as the model was frozen, got " + got);
  }

  /** As {@code Sequential for (1, 28, 28)}, or {@code Model for left (1, 28, 28), right (1, 28, 28)}. */
  @Override
  public String toString() {
    return model + " for " + (inputs.size() == 1 ? inputs.get(0).sample()
        : inputs.stream().map(x -> x.name() + " " + x.sample()).collect(Collectors.joining(", ")));
  }
}
