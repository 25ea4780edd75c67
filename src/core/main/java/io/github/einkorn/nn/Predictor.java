package io.github.einkorn.nn;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.plan.Argument;
import io.github.einkorn.plan.Plan;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A model as it was when it was frozen, for predictions alone: see {@link Layer#freeze}. It has its own copy of the
 * weights and never changes. Any number of threads may use it at once: they share the weights, and one of them at a
 * time has the threads of the library, while the others compute on their own.
 *
 * <pre>{@code
 * try (Predictor predictor = model.freeze(1, 28, 28)) {
 *   Tensor scores = predictor.predict(image); // (1, 28, 28) to (10), or (N, 1, 28, 28) to (N, 10)
 * }
 * }</pre>
 *
 * <p>{@link #predict(List)} is for a {@link Model} with several inputs or outputs.
 *
 * <p>The garbage collector frees the weights of one that nobody closed.
 */
public final class Predictor implements AutoCloseable {
  private final Signature signature;
  private final Plan plan;
  private final AtomicInteger users = new AtomicInteger(1); // calls under way, and one until it is closed
  private volatile boolean closed;

  Predictor(Signature signature, Plan plan) {
    this.signature = signature;
    this.plan = plan;
  }

  /**
   * The output for a batch, or for one sample without the batch dimension. It belongs to the scope around; all else
   * that is made on the way is freed.
   *
   * @throws IllegalArgumentException if there are several inputs or outputs
   * @throws ShapeException if the shape is not that of the frozen samples, or a batch of them
   * @throws io.github.einkorn.DTypeException unless x has the type of the frozen samples, floats if none was given
   * @throws ClosedTensorException if the predictor or x was closed
   */
  public Tensor predict(Tensor x) {
    signature.single();
    return predict(List.of(Objects.requireNonNull(x, "x"))).get(0);
  }

  /**
   * The outputs for a batch, or for one sample without the batch dimension, in the order of {@link #outputNames}. They
   * belong to the scope around.
   *
   * @param xs of as many samples each, in the order of {@link #inputNames}
   * @throws IllegalArgumentException if there is another number of inputs
   * @throws ShapeException if the shapes are not those of the frozen samples, or batches of as many of them
   * @throws io.github.einkorn.DTypeException if one has another type
   * @throws ClosedTensorException if the predictor or one of them was closed
   */
  public List<Tensor> predict(List<Tensor> xs) {
    boolean one = signature.isSample(xs);
    enter();
    try (var off = new NoGrad(); var scope = new Scope()) {
      Tensor[] ys = plan.run(xs.stream().map(x -> one ? x.unsqueeze(0) : x.detach()).toArray(Tensor[]::new));
      return Stream.of(ys).map(y -> one && y.rank() > 0 && y.dim(0) == 1 ? y.squeeze(0) : y)
          .map(y -> Tensors.result(y, scope)).toList();
    } finally {
      leave();
    }
  }

  /** The names of the inputs: of a {@link Model} its own, else "input". */
  public List<String> inputNames() {
    return signature.inputNames();
  }

  /** The names of the outputs: of a {@link Model} its own, else "output". */
  public List<String> outputNames() {
    return signature.outputs();
  }

  /**
   * The floats of the output for one sample, or for several one after the other, in row-major order.
   *
   * @throws IllegalArgumentException if there are several inputs or outputs
   * @throws ShapeException unless x holds a whole number of samples
   */
  public float[] predict(float[] x) {
    Argument input = signature.single();
    Shape sample = input.sample();
    if (x.length == 0 || x.length % sample.size() != 0) throw signature.unfit(input, x.length + " numbers");
    try (var scope = new Scope()) {
      return predict(Tensor.of(x, sample.insert(0, (int) (x.length / sample.size())).dims())).toFloats();
    }
  }

  /**
   * The most bytes of native memory that the values on the way of a batch of n take at once: inputs and outputs
   * included, weights and what an operation needs for itself not. Runs such a batch.
   *
   * @throws ShapeException if n is below 1
   */
  public long peakBytes(int n) {
    enter();
    try (var off = new NoGrad(); var scope = new Scope()) {
      return plan.peakBytes(signature.inputs().stream().map(x -> x.zeros(n)).toArray(Tensor[]::new));
    } finally {
      leave();
    }
  }

  private void enter() {
    int n;
    do {
      n = users.get();
      if (closed || n == 0) {
        throw new ClosedTensorException("a Predictor of " + signature.model() + " was closed by close()");
      }
    } while (!users.compareAndSet(n, n + 1));
  }

  private void leave() {
    if (users.decrementAndGet() == 0) plan.close("the Predictor's close()");
  }

  /** Frees the weights when the calls under way have ended; later ones are refused. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    leave();
  }

  int steps() {
    return plan.text().size();
  }

  /** The steps in the order they run: operation, shape of its output, layer. */
  public String explain() {
    var s = new StringBuilder(toString());
    int i = 0;
    for (String line : plan.text()) s.append(String.format(Locale.ROOT, "%n%3d  %s", ++i, line));
    return s.toString();
  }

  /**
   * As {@code Predictor of Sequential for (1, 28, 28): 12 steps, 61,706 weights}; several inputs are named, as
   * {@code left (1, 28, 28), right (1, 28, 28)}.
   */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Predictor of %s: %d steps, %,d weights", signature, steps(),
        plan.constantCount());
  }
}
