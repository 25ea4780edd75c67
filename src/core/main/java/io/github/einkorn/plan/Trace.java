package io.github.einkorn.plan;

import io.github.einkorn.FreezeException;
import io.github.einkorn.Replay;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What one forward pass did: the operations on what depends on its inputs, in order. The inputs are values 0, 1, …;
 * results and constants (what does not depend on the inputs) are numbered as they come.
 */
public final class Trace {
  private final Map<Tensor, Integer> numbers = new IdentityHashMap<>(); // of inputs and results
  private final Map<Tensor, Integer> copied = new IdentityHashMap<>(); // of the copies of constants
  private final Deque<String> layers = new ArrayDeque<>();
  private final Constants constants;
  private final Scope scope; // null if the values are not to be kept
  final List<Tensor> values = new ArrayList<>(); // null for results that are not kept
  final List<Shape> shapes = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();
  int[] outputs;

  private Trace(Constants constants, Scope scope) {
    this.constants = constants;
    this.scope = scope;
  }

  /** Runs a model; the values it meets live in a scope of this thread, or, without one, only while the model runs. */
  static Trace of(UnaryOperator<List<Tensor>> model, Constants constants, Scope scope, Tensor... inputs) {
    var trace = new Trace(constants, scope);
    for (Tensor x : inputs) trace.number(x, x);
    Trace outer = Tensors.trace(trace);
    try {
      trace.outputs = model.apply(List.of(inputs)).stream().mapToInt(trace::numberOf).toArray();
    } finally {
      Tensors.trace(outer);
    }
    return trace;
  }

  boolean isConstant(int value) {
    return copied.containsKey(values.get(value));
  }

  /** Takes down that y came from inputs, if it depends on the input of the forward pass. */
  public void add(Class<?> op, Tensor y, Replay replay, Tensor... inputs) {
    if (numbers.containsKey(y) || !follows(inputs)) return;
    if (replay == null) {
      throw new FreezeException(op.getSimpleName()
          + " cannot be frozen: give Graph.record a Replay, which applies it again");
    }
    int[] from = new int[inputs.length];
    for (int i = 0; i < from.length; i++) from[i] = inputs[i] == null ? -1 : numberOf(inputs[i]);
    String layer = layers.isEmpty() ? "" : layers.peek();
    Tensor value = scope == null ? null : Tensors.move(y.viewAs(y.shape(), y.format()), scope);
    steps.add(new Step(op, layer, replay, from, number(y, value)));
  }

  private boolean follows(Tensor... xs) {
    for (Tensor x : xs) if (numbers.containsKey(x)) return true;
    return false;
  }

  private int numberOf(Tensor x) {
    Integer n = numbers.get(x);
    if (n != null) return n;
    Tensor copy = constants.copy(x);
    return copied.computeIfAbsent(copy, c -> append(c.shape(), c));
  }

  private int number(Tensor x, Tensor value) {
    int n = append(x.shape(), value);
    numbers.put(x, n);
    return n;
  }

  private int append(Shape shape, Tensor value) {
    values.add(value);
    shapes.add(shape);
    return values.size() - 1;
  }

  /** Throws unless another pass did the same. */
  void compare(Trace other) {
    int n = Math.max(steps.size(), other.steps.size());
    for (int i = 0; i < n; i++) {
      Step a = i < steps.size() ? steps.get(i) : null, b = i < other.steps.size() ? other.steps.get(i) : null;
      if (a != null && b != null && a.op() == b.op() && Arrays.equals(a.inputs(), b.inputs())) continue;
      var e = new FreezeException("cannot be frozen: for another batch, the forward pass takes another way (step "
          + (i + 1) + " is " + name(b) + " instead of " + name(a) + ")");
      e.in((a != null ? a : b).layer());
      throw e;
    }
    if (!Arrays.equals(other.outputs, outputs)) {
      throw new FreezeException("cannot be frozen: for another batch, the forward pass returns another result");
    }
  }

  private static String name(Step s) {
    return s == null ? "missing" : s.name();
  }

  // ---- what layers and tensors tell the trace of this thread, if there is one ----

  /** A layer starts. */
  public void enter(String layer) {
    layers.push(layer);
  }

  /** The innermost layer has ended. */
  public void leave() {
    layers.pop();
  }

  /** Tells that y has the values of x. Returns y. */
  public static Tensor same(Tensor x, Tensor y) {
    Trace trace = Tensors.trace();
    if (trace != null && trace.follows(x)) trace.numbers.put(y, trace.numbers.get(x));
    return y;
  }

  /** Throws a FreezeException if the values of x, which are about to be read, depend on the input. */
  public static void refuseRead(String method, Tensor x) {
    Trace trace = Tensors.trace();
    if (trace == null || !trace.follows(x)) return;
    throw new FreezeException(method + " cannot be frozen, because it reads numbers that depend on the input: compute "
        + "with tensors, or use predict instead of freeze");
  }

  /** Throws a FreezeException if a change in place, of the first of the tensors, depends on the input. */
  public static void refuseChange(String method, Tensor... xs) {
    Trace trace = Tensors.trace();
    if (trace == null || !trace.follows(xs)) return;
    throw new FreezeException(method + " cannot be frozen, because it changes a tensor in place: use the operation "
        + "that returns a new one");
  }
}
