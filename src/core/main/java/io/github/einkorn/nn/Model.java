package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.plan.Argument;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A model with any number of inputs and outputs and any paths between them, as Keras's functional API makes it: layers
 * and operations are called on nodes, which stand for tensors.
 *
 * <pre>{@code
 * var left = Input.of(1, 28, 28).named("left");
 * var right = Input.of(1, 28, 28).named("right");
 * var tower = new Sequential(new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(4), new Flatten());
 * var both = Node.cat(1, left.then("tower", tower), right.then(tower));   // one tower, called twice
 * var digit = both.then("digit", new Linear(2 * 8 * 6 * 6, 10));
 * var same = both.then("hidden", new Linear(2 * 8 * 6 * 6, 16)).relu().then("same", new Linear(16, 2));
 * var model = Model.of(List.of(left, right), List.of(digit, same));
 * }</pre>
 *
 * <p>A layer that is called several times has its parameters once. Names of layers are those in the state dict; the
 * ones without a name are called by their type, {@code conv2d}, {@code conv2d_1}, … in the order of their calls, so
 * that the same program gives the same names. A layer may be part of several models, and of none.
 *
 * <p>With one input and one output, it is a layer as any other. {@link io.github.einkorn.train.Trainer} trains those
 * with several too. As in {@link Sequential}, ReLU is computed together with what it follows, also with a sum, and
 * values are freed early where no gradient is needed.
 */
public final class Model extends BuiltIn {
  private final Wiring wiring;
  private final Program program;

  private Model(Wiring wiring) {
    this.wiring = wiring;
    program = new Program(wiring);
    wiring.layers.forEach(this::adopt);
  }

  /** A model with one input and one output; see {@link #of(List, List)}. */
  public static Model of(Node input, Node output) {
    return of(Collections.singletonList(input), Collections.singletonList(output));
  }

  /**
   * The model that leads from inputs to outputs.
   *
   * @throws IllegalArgumentException if the outputs depend on an input that is not given, something is given twice, an
   *     input does not come from {@link Input}, or two nodes have the same name
   */
  public static Model of(List<Node> inputs, List<Node> outputs) {
    return new Model(new Wiring(inputs, outputs));
  }

  /** The inputs, in the order of {@link #of}. */
  public List<Node> inputs() {
    return wiring.inputs;
  }

  /** The outputs, in the order of {@link #of}. */
  public List<Node> outputs() {
    return wiring.outputs;
  }

  /** The names of the inputs in this model. */
  public List<String> inputNames() {
    return wiring.names(wiring.inputs);
  }

  /** The names of the outputs in this model. */
  public List<String> outputNames() {
    return wiring.names(wiring.outputs);
  }

  // ---- running ----

  /**
   * The outputs for the inputs of a batch, in the order of {@link #of}.
   *
   * @throws IllegalArgumentException if there is another number of inputs
   * @throws ShapeException if one has another shape or batch size than expected
   * @throws io.github.einkorn.DTypeException if one has another type
   */
  @Override
  public List<Tensor> forward(List<Tensor> xs) {
    if (xs.size() != wiring.inputs.size()) {
      throw new IllegalArgumentException(label() + " takes the inputs " + inputNames() + ", got " + xs.size()
          + (xs.size() == 1 ? " tensor" : " tensors"));
    }
    return named(() -> {
      List<Tensor> ys = checked(xs);
      ys.forEach(this::show);
      return ys;
    });
  }

  @Override
  Tensor compute(Tensor x) {
    requireSingle("forward(List)");
    return checked(List.of(Objects.requireNonNull(x, "x"))).get(0);
  }

  @Override
  void requireSingle(String instead) {
    if (wiring.inputs.size() == 1 && wiring.outputs.size() == 1) return;
    throw new IllegalArgumentException(label() + " has the inputs " + inputNames() + " and the outputs " + outputNames()
        + ": use " + instead);
  }

  private List<Tensor> checked(List<Tensor> xs) {
    for (int i = 0; i < xs.size(); i++) {
      Node n = wiring.inputs.get(i);
      Tensor x = xs.get(i);
      if (x.rank() == 0 || !x.shape().without(0).equals(n.shape())) {
        throw new ShapeException("input '" + wiring.name(n) + "': expected " + n.batchShape() + ", got " + x.shape());
      }
      Check.dtype("input '" + wiring.name(n) + "'", x, n.dtype());
      if (x.dim(0) != xs.get(0).dim(0)) {
        throw new ShapeException("input '" + wiring.name(n) + "' has a batch of " + x.dim(0) + ", and '"
            + wiring.name(wiring.inputs.get(0)) + "' one of " + xs.get(0).dim(0));
      }
    }
    return program.run(xs);
  }

  /**
   * The outputs for the inputs of a batch in evaluation mode, without gradients; the mode is restored afterwards.
   * Everything made on the way is freed.
   *
   * @throws ShapeException if one has another shape or batch size than expected
   */
  public List<Tensor> predict(List<Tensor> xs) {
    return evaluating(() -> {
      try (var scope = new Scope()) {
        return forward(xs).stream().map(y -> Tensors.result(y, scope)).toList();
      }
    });
  }

  /** As {@link #freeze(int...)}, for the inputs as they are: any number of them, and of outputs. */
  public Predictor freeze() {
    return freeze(this::forward, wiring.inputs.stream().map(n -> new Argument(wiring.name(n), n.dtype(), n.shape()))
        .toList(), outputNames());
  }

  @Override
  boolean isPlain() {
    return super.isPlain() && program.isPlain();
  }

  @Override
  int inputRank() {
    return wiring.inputs.get(0).shape().rank() + 1;
  }

  // ---- text and picture ----

  /** As {@link #summary(int...)}, with all calls and what each of them is connected to. Runs nothing. */
  public String summary() {
    return Summary.of(this, wiring);
  }

  /** A drawing of the calls and what they are connected to, from top to bottom, as an SVG document. */
  public String toSvg() {
    return new Drawing(wiring).svg();
  }
}
