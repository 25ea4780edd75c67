package io.github.einkorn.parity;

import java.util.List;
import java.util.Map;

/** What the checks ask of a library, so that Einkorn and PyTorch run the same code. T is its tensor. */
interface Library<T> {
  T of(Input input);

  Values read(T tensor);

  /** The gradient of a leaf, or null. */
  T grad(T leaf);

  boolean requiresGrad(T tensor);

  void backward(T y, T gy);

  /** The mean of (y - target)². */
  T mse(T y, T target);

  T crossEntropy(T logits, T labels);

  Optimizer sgd(List<T> parameters, double lr, double momentum);

  Optimizer adam(List<T> parameters, double lr);

  /** Runs work and frees what it made. */
  void scoped(Runnable work);

  interface Optimizer {
    void zeroGrad();

    void step();
  }

  /** A layer or a net. */
  interface Model<T> {
    T forward(T x);

    Map<String, T> parameters();

    Map<String, T> buffers();

    void train(boolean on);

    /** Overwrites a parameter or buffer. */
    void set(T tensor, T value);
  }
}
