package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.plan.Plan;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

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
 * <p>The garbage collector frees the weights of one that nobody closed.
 */
public final class Predictor implements AutoCloseable {
  private final String model;
  private final DType type;
  private final Shape sample;
  private final Plan plan;
  private final AtomicInteger users = new AtomicInteger(1); // calls under way, and one until it is closed
  private volatile boolean closed;

  Predictor(String model, DType type, Shape sample, Plan plan) {
    this.model = model;
    this.type = type;
    this.sample = sample;
    this.plan = plan;
  }

  /**
   * The output for a batch, or for one sample without the batch dimension. It belongs to the scope around; all else
   * that is made on the way is freed.
   *
   * @throws ShapeException if the shape is not that of the frozen samples, or a batch of them
   * @throws io.github.einkorn.DTypeException unless x has the type of the frozen samples, floats if none was given
   * @throws ClosedTensorException if the predictor or x was closed
   */
  public Tensor predict(Tensor x) {
    Check.dtype("predict", x, type);
    boolean one = x.shape().equals(sample);
    if (!one && (x.rank() == 0 || !x.shape().without(0).equals(sample))) throw unfit(x.shape().toString());
    enter();
    try (var off = new NoGrad(); var scope = new Scope()) {
      Tensor y = plan.run(one ? x.unsqueeze(0) : x.detach());
      if (one && y.rank() > 0 && y.dim(0) == 1) y = y.squeeze(0);
      return Tensors.result(y, scope);
    } finally {
      leave();
    }
  }

  /**
   * The floats of the output for one sample, or for several one after the other, in row-major order.
   *
   * @throws ShapeException unless x holds a whole number of samples
   */
  public float[] predict(float[] x) {
    if (x.length == 0 || x.length % sample.size() != 0) throw unfit(x.length + " numbers");
    try (var scope = new Scope()) {
      return predict(Tensor.of(x, sample.insert(0, (int) (x.length / sample.size())).dims())).toFloats();
    }
  }

  private ShapeException unfit(String got) {
    String n = sample.insert(0, 1).toString().replaceFirst("1", "N");
    return new ShapeException("predict: expected " + sample + " or " + n + ", as the model was frozen, got " + got);
  }

  /**
   * The most bytes of native memory that the values on the way of a batch of n take at once: input and output included,
   * weights and what an operation needs for itself not. Runs such a batch.
   *
   * @throws ShapeException if n is below 1
   */
  public long peakBytes(int n) {
    enter();
    try (var off = new NoGrad(); var scope = new Scope()) {
      return plan.peakBytes(Tensor.zeros(sample.insert(0, n).dims()).to(type));
    } finally {
      leave();
    }
  }

  private void enter() {
    int n;
    do {
      n = users.get();
      if (closed || n == 0) throw new ClosedTensorException("a Predictor of " + model + " was closed by close()");
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

  /** As {@code Predictor of Sequential for (1, 28, 28): 12 steps, 61,706 weights}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Predictor of %s for %s: %d steps, %,d weights", model, sample, steps(),
        plan.constantCount());
  }
}
