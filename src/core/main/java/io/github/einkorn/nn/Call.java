package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.EinkornException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What leads from nodes to nodes: a layer, a function, or an input, which has neither. */
final class Call {
  private static final AtomicLong COUNT = new AtomicLong();
  private static final int BATCH = 2; // 1 could be taken for an extent of the sample

  final long order = COUNT.incrementAndGet(); // a call comes after those that it depends on
  final String type;
  final Layer layer;
  final Function<List<Tensor>, Tensor> function;
  final boolean opaque; // a function of a program's own, which may keep what it gets
  final List<Node> inputs;
  private List<Node> outputs;
  private String name; // given by the program, or null

  private Call(String name, String type, Layer layer, Function<List<Tensor>, Tensor> function, boolean opaque,
      List<Node> inputs) {
    this.type = type;
    this.layer = layer;
    this.function = function;
    this.opaque = opaque;
    this.inputs = Check.all(type + ": nodes", inputs);
    if (name != null) name(name);
  }

  static Call input(DType dtype, Shape sample) {
    var call = new Call(null, "Input", null, null, false, List.of());
    call.outputs = List.of(new Node(call, 0, sample, dtype));
    return call;
  }

  static Call layer(String name, Layer layer, List<Node> inputs) {
    return new Call(name, layer.type(), layer, null, false, inputs).infer();
  }

  /** An operation of the library. */
  static Node operation(String type, Function<List<Tensor>, Tensor> function, Node... inputs) {
    return new Call(null, type, null, function, false, Check.all(type + ": nodes", inputs)).infer().outputs.get(0);
  }

  /** A function of a program's own. */
  static Node function(String name, Function<List<Tensor>, Tensor> function, List<Node> inputs) {
    return new Call(name, "Function", null, function, true, inputs).infer().outputs.get(0);
  }

  static Node only(Call call) {
    if (call.outputs.size() > 1) {
      throw new IllegalArgumentException(call.label() + " has " + call.outputs.size()
          + " outputs: call it with a List of nodes, which returns all of them");
    }
    return call.outputs.get(0);
  }

  /** Finds the shapes of the outputs by a run on zeros. */
  private Call infer() {
    if (inputs.isEmpty()) throw new IllegalArgumentException(label() + " was called on no node");
    try (var off = new NoGrad(); var scope = new Scope()) {
      List<Tensor> xs = inputs.stream().map(n -> zeros(n.dtype(), n.shape().insert(0, BATCH))).toList();
      List<Tensor> ys = layer != null ? layer.evaluating(() -> run(xs)) : run(xs);
      var nodes = new ArrayList<Node>();
      for (Tensor y : ys) nodes.add(new Node(this, nodes.size(), sample(y), y.dtype()));
      outputs = List.copyOf(nodes);
      return this;
    } catch (DTypeException e) {
      throw (DTypeException) new DTypeException(problem(e)).initCause(e);
    } catch (EinkornException | IllegalArgumentException e) {
      throw (ShapeException) new ShapeException(problem(e)).initCause(e);
    }
  }

  private List<Tensor> run(List<Tensor> xs) {
    List<Tensor> ys = layer != null ? layer.run(xs) : List.of(apply(xs));
    if (ys.isEmpty()) throw new IllegalArgumentException("it returned no output");
    return ys;
  }

  /** What its function makes of the values of its inputs. */
  Tensor apply(List<Tensor> xs) {
    Tensor y = function.apply(xs);
    if (y == null) throw new IllegalStateException(label() + ": the function returned null");
    return y;
  }

  private static Tensor zeros(DType dtype, Shape shape) {
    return Tensor.zeros(shape.dims()).to(dtype);
  }

  private Shape sample(Tensor y) {
    if (y.rank() > 0 && y.dim(0) == BATCH) return y.shape().without(0);
    throw new ShapeException("expected an output (N, …) whose first dimension is the batch, N = " + BATCH
        + ", got " + y.shape());
  }

  private String problem(Exception e) {
    String on = inputs.stream().map(n -> n.name() + " " + n.batchShape()).collect(Collectors.joining(" and "));
    return label() + " on " + on + ", N = " + BATCH + ": " + e.getMessage();
  }

  List<Node> outputs() {
    return outputs;
  }

  boolean isInput() {
    return layer == null && function == null;
  }

  String name() {
    return name;
  }

  void name(String wanted) {
    if (wanted == null || wanted.isEmpty() || wanted.indexOf('.') >= 0) {
      throw new IllegalArgumentException("a name must not be empty or contain a dot, got '" + wanted + "'");
    }
    name = wanted;
  }

  /** What it is called where the program gave no name. */
  String kind() {
    return type.toLowerCase(Locale.ROOT);
  }

  /** How errors name it while the model is being put together. */
  String label() {
    return name == null ? type : name + " (" + type + ")";
  }
}
