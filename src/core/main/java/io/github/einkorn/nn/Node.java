package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A tensor of a model that is being put together: it has a shape and a type, but no numbers yet. See {@link Model}.
 *
 * <p>Its methods are called as those of {@link Tensor}, and do to a batch what those do, dimension 0 being the batch.
 * Every call is tried out at once on zeros, a batch of two in evaluation mode, so that what does not fit is reported
 * where it is written.
 */
public final class Node {
  final Call from;
  private final int index;
  private final Shape shape;
  private final DType dtype;

  Node(Call from, int index, Shape shape, DType dtype) {
    this.from = from;
    this.index = index;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The shape of one sample, without the batch dimension. */
  public Shape shape() {
    return shape;
  }

  /** The type of its numbers. */
  public DType dtype() {
    return dtype;
  }

  /** The name it was given, or else what it comes from, such as {@code conv2d}. */
  public String name() {
    return nameIn(from.name() == null ? from.kind() : from.name());
  }

  /** Its name, if what it comes from is called so. */
  String nameIn(String call) {
    return from.outputs() == null || from.outputs().size() == 1 ? call : call + "[" + index + "]";
  }

  /**
   * Names it, as the models made of it later know it; if it comes from a layer, that is also the layer's name in their
   * state dict, unless an earlier call of the layer was named. Returns this.
   *
   * @throws IllegalArgumentException if the name is empty or has a dot
   */
  public Node named(String name) {
    from.name(name);
    return this;
  }

  // ---- layers and functions ----

  /**
   * y = layer(this), as {@link Layer#call(Node...)}.
   *
   * @throws ShapeException if the layer does not take this shape
   */
  public Node then(Layer layer) {
    return layer.call(this);
  }

  /** As {@link #then(Layer)}, with a name: see {@link #named}. */
  public Node then(String name, Layer layer) {
    return Call.only(Call.layer(name, layer, List.of(this)));
  }

  /**
   * y = f(this), by a function of one's own that has a name.
   *
   * @throws ShapeException if the function does not take this shape, or what it returns is not (N, …)
   */
  public Node map(String name, UnaryOperator<Tensor> f) {
    return Call.function(name, xs -> f.apply(xs.get(0)), List.of(this));
  }

  /** y = f(nodes), by a function of one's own that has a name; as {@link #map} for several nodes. */
  public static Node map(String name, Function<List<Tensor>, Tensor> f, Node... nodes) {
    return Call.function(name, f, Check.all("nodes", nodes));
  }

  // ---- operations ----

  /**
   * this + y, broadcast.
   *
   * @throws ShapeException if the shapes cannot be broadcast
   */
  public Node add(Node y) {
    return Call.operation("Add", xs -> xs.get(0).add(xs.get(1)), this, y);
  }

  /** this - y, as {@link #add}. */
  public Node sub(Node y) {
    return Call.operation("Sub", xs -> xs.get(0).sub(xs.get(1)), this, y);
  }

  /** this · y, element by element, as {@link #add}. */
  public Node mul(Node y) {
    return Call.operation("Mul", xs -> xs.get(0).mul(xs.get(1)), this, y);
  }

  /** this / y, as {@link #add}. */
  public Node div(Node y) {
    return Call.operation("Div", xs -> xs.get(0).div(xs.get(1)), this, y);
  }

  /** The larger of each pair, as {@link #add}. */
  public Node maximum(Node y) {
    return Call.operation("Maximum", xs -> xs.get(0).maximum(xs.get(1)), this, y);
  }

  /** The smaller of each pair, as {@link #add}. */
  public Node minimum(Node y) {
    return Call.operation("Minimum", xs -> xs.get(0).minimum(xs.get(1)), this, y);
  }

  /** max(this, 0). */
  public Node relu() {
    return then(new ReLU());
  }

  /** (N, …) to (N, product). */
  public Node flatten() {
    return then(new Flatten());
  }

  /**
   * The same numbers as samples of another shape.
   *
   * @throws ShapeException if it has another number of elements
   */
  public Node reshape(int... sampleShape) {
    return Call.operation("Reshape", xs -> {
      Tensor x = xs.get(0);
      return x.reshape(IntStream.concat(IntStream.of(x.dim(0)), IntStream.of(sampleShape)).toArray());
    }, this);
  }

  /**
   * Nodes one after the other along a dimension: 1 is that of channels or features.
   *
   * @throws ShapeException if they differ elsewhere, or the dimension is the batch
   */
  public static Node cat(int dim, Node... nodes) {
    return Call.operation("Cat", xs -> Tensor.cat(dim, xs.toArray(Tensor[]::new)), nodes);
  }

  /** The shape of a batch: {@code (N, 1, 28, 28)}. */
  String batchShape() {
    return shape.rank() == 0 ? "(N)" : "(N, " + shape.toString().substring(1);
  }

  /** As {@code conv2d (N, 32, 26, 26)}. */
  @Override
  public String toString() {
    return name() + " " + batchShape();
  }
}
