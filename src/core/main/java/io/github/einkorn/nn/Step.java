package io.github.einkorn.nn;

import io.github.einkorn.Tensor;

/**
 * y = 1 where x &gt; 0, else 0, for any shape: a perceptron's activation (Rosenblatt 1958). Its gradient is 0, so that
 * what lies before it is not learnt by {@link Tensor#backward()}: set its weights, or use {@link Sigmoid}.
 */
public final class Step extends BuiltIn {
  @Override
  Tensor compute(Tensor x) {
    return x.step();
  }
}
