package io.github.einkorn.plan;

import io.github.einkorn.EinkornException;
import io.github.einkorn.FreezeException;
import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.ops.Layout;
import io.github.einkorn.ops.Reshape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A plan in the making: from traces of batches of different sizes and values, for whatever batch comes. */
public final class Draft {
  private static final int FIRST = 3, SECOND = 2; // batches

  private final int inputs;
  private final Trace first;
  final List<Step> steps;
  final List<Tensor> constants = new ArrayList<>(); // by number; null for what is computed
  final List<int[]> shapes = new ArrayList<>(); // by number; -1 is an extent that depends on the batch

  /**
   * A plan of a model.
   *
   * @throws FreezeException if the model does anything else for another batch
   */
  public static Plan plan(UnaryOperator<List<Tensor>> model, List<Argument> inputs) {
    Plan plan = Tensors.forgetful(() -> traced(model, inputs));
    Memory.trim(); // what the traces took is of no use to the plan
    return plan;
  }

  private static Plan traced(UnaryOperator<List<Tensor>> model, List<Argument> inputs) {
    try (var off = new NoGrad(); var kept = new Scope()) {
      var constants = new Constants(kept);
      Trace first;
      try (var scope = new Scope()) {
        first = Trace.of(model, constants, null, batch(FIRST, inputs));
      }
      Memory.trim(); // the blocks of one batch do not fit the next
      Draft draft;
      try (var scope = new Scope()) {
        Trace second = smaller(SECOND, model, constants, scope, inputs);
        draft = new Draft(inputs.size(), first, second, kept);
        draft.check(second);
      }
      Memory.trim();
      try (var scope = new Scope()) {
        draft.check(smaller(1, model, constants, scope, inputs));
      }
      draft.dropUnread();
      Fold.all(draft);
      return draft.finish();
    }
  }

  /** As the first, which the model took. */
  private static Trace smaller(int n, UnaryOperator<List<Tensor>> model, Constants constants, Scope scope,
      List<Argument> inputs) {
    try {
      return Trace.of(model, constants, scope, batch(n, inputs));
    } catch (ShapeException e) {
      var refused = new FreezeException("cannot be frozen, because it takes a batch of " + FIRST
          + " samples but none of " + n + ": " + e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  private static Tensor[] batch(int n, List<Argument> inputs) {
    var random = new SplittableRandom(n);
    return inputs.stream().map(x -> x.random(n, random)).toArray(Tensor[]::new);
  }

  private Draft(int inputs, Trace first, Trace second, Scope kept) {
    this.inputs = inputs;
    this.first = first;
    steps = new ArrayList<>(first.steps);
    first.compare(second);
    for (int i = 0; i < first.values.size(); i++) {
      constants.add(first.isConstant(i) ? first.values.get(i) : null);
      shapes.add(pattern(first.shapes.get(i), second.shapes.get(i)));
    }
    steps.replaceAll(this::anyBatch);
    for (int i = 0; i < first.values.size(); i++) {
      if (first.isConstant(i)) repeatRows(i, second.values.get(i), kept);
    }
  }

  /** What both traces have in common; if they differ in rank, the check will find it. */
  private static int[] pattern(Shape a, Shape b) {
    int[] d = a.dims();
    for (int i = 0; i < d.length && a.rank() == b.rank(); i++) if (d[i] != b.dim(i)) d[i] = -1;
    return d;
  }

  /** A reshape to extents of which one depends on the batch leaves that one open. */
  private Step anyBatch(Step s) {
    int[] shape = shapes.get(s.output());
    if (s.op() != Reshape.class || Arrays.stream(shape).filter(d -> d < 0).count() != 1) return s;
    return new Step(s.op(), s.layer(), in -> Reshape.apply(in[0], shape), s.inputs(), s.output());
  }

  /** A constant made for the size of the batch, such as zeros beside the input, becomes its first row, repeated. */
  private void repeatRows(int i, Tensor second, Scope kept) {
    Tensor all = constants.get(i);
    if (all.rank() == 0 || all.dim(0) != FIRST || !all.shape().with(0, SECOND).equals(second.shape())) return;
    Tensor row = all.narrow(0, 0, 1);
    if (!Tensors.same(repeated(row, SECOND), second)) return;
    constants.set(i, null);
    int first = constant(Tensors.move(row, kept));
    int reader = 0;
    while (reader < steps.size() && !steps.get(reader).reads(i)) reader++;
    steps.add(reader, new Step(Layout.class, "", in -> repeated(in[1], in[0].dim(0)), new int[] {0, first}, i));
  }

  private static Tensor repeated(Tensor row, int n) {
    Tensor all = Tensor.empty(row.dtype(), row.format(), row.shape().with(0, n));
    Layout.copyStretched(row, all);
    return all;
  }

  /** Throws unless the steps lead to the same values as another trace. */
  private void check(Trace trace) {
    first.compare(trace);
    Tensor[] values = constants.toArray(Tensor[]::new);
    for (int i = 0; i < inputs; i++) values[i] = trace.values.get(i);
    for (Step s : steps) {
      Tensor expected = trace.values.get(s.output()), y = repeated(s, values);
      if (!Tensors.same(y, expected)) throw refused(s, null);
      if (Arrays.stream(values).noneMatch(v -> v == y)) y.close(); // the trace has another
      values[s.output()] = expected;
    }
    for (int y : first.outputs) {
      if (Tensors.same(values[y], trace.values.get(y))) continue;
      throw new FreezeException("an output that was not computed from the input, and differs, cannot be frozen");
    }
  }

  private static Tensor repeated(Step s, Tensor[] values) {
    try {
      return s.run(values);
    } catch (EinkornException | IllegalArgumentException e) {
      throw refused(s, e);
    }
  }

  private static FreezeException refused(Step s, Throwable cause) {
    var e = new FreezeException(s.name() + " cannot be frozen: repeated for another batch, it gave something else than "
        + "the forward pass. One of its arguments must come from random numbers, from the size of the batch, or from "
        + "values of the input that were not computed by operations");
    e.initCause(cause);
    e.in(s.layer());
    return e;
  }

  // ---- for passes ----

  /** Appends a computed value of a shape; returns its number. */
  int computed(int[] shape) {
    constants.add(null);
    shapes.add(shape);
    return constants.size() - 1;
  }

  /** Appends a constant; returns its number. */
  int constant(Tensor x) {
    constants.add(x);
    shapes.add(x.shape().dims());
    return constants.size() - 1;
  }

  /** The step a value comes from, or null. */
  Step source(int value) {
    return steps.stream().filter(s -> s.output() == value).findFirst().orElse(null);
  }

  /** Whether a single step reads a value, which is not an output. */
  boolean readOnce(int value) {
    return !isOutput(value) && steps.stream().filter(s -> s.reads(value)).count() == 1;
  }

  /** Whether all inputs of a step but the first are constants or left out. */
  boolean isFixed(Step s) {
    return IntStream.of(s.inputs()).skip(1).allMatch(i -> i < 0 || constants.get(i) != null);
  }

  private boolean isOutput(int value) {
    return IntStream.of(first.outputs).anyMatch(y -> y == value);
  }

  private void dropUnread() {
    for (int i = steps.size() - 1; i >= 0; i--) {
      int y = steps.get(i).output();
      if (!isOutput(y) && steps.stream().noneMatch(s -> s.reads(y))) steps.remove(i);
    }
  }

  private Plan finish() {
    Tensor[] used = new Tensor[constants.size()];
    for (int i = 0; i < used.length; i++) {
      int value = i;
      Tensor t = constants.get(i);
      if (t != null && (isOutput(i) || steps.stream().anyMatch(s -> s.reads(value)))) used[i] = t.keep();
    }
    return new Plan(inputs, steps, used, first.outputs, shapes);
  }
}
