package io.github.einkorn;

/**
 * How an operation is applied again, with the settings it had, to other inputs: what {@link Graph#record} is told so
 * that models which use the operation can be frozen. It must not refer to the tensors of the first time.
 */
@FunctionalInterface
public interface Replay {
  /** The output for inputs in the order they were recorded; null ones were left out. */
  Tensor run(Tensor... inputs);
}
