package io.github.einkorn.nn;

import io.github.einkorn.Check;
import io.github.einkorn.DType;
import io.github.einkorn.EinkornException;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import io.github.einkorn.io.Safetensors;
import io.github.einkorn.plan.Argument;
import io.github.einkorn.plan.Draft;
import io.github.einkorn.plan.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * y = forward(x), with parameters that are learnt: the base of every layer and model, as {@code torch.nn.Module}.
 *
 * <pre>{@code
 * final class Residual extends Layer {
 *   final Conv2d conv = child("conv", new Conv2d(8, 8, Window.same(3)));
 *   final Tensor scale = parameter("scale", Tensor.ones(1));
 *
 *   public Tensor forward(Tensor x) {
 *     return conv.forward(x).mul(scale).add(x).relu();
 *   }
 * }
 * }</pre>
 *
 * <p>Layers may be run by several threads at once while none of them trains it or switches its mode.
 */
public abstract class Layer {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Layer> children = new LinkedHashMap<>();
  private final Map<String, Regularizer> regularizers = new LinkedHashMap<>(); // of own parameters
  private final Map<String, Runnable> resets = new LinkedHashMap<>(); // of all members, in the order they came
  private final List<BiConsumer<Layer, Tensor>> hooks = new CopyOnWriteArrayList<>();
  private Layer parent;
  private String name = "";
  private volatile boolean training = true;

  /** For subclasses. */
  protected Layer() {}

  /** The output for a batch. */
  public abstract Tensor forward(Tensor x);

  /**
   * The outputs for the inputs of a batch. Most layers have one of each; {@link Model} may have several, and so may
   * layers of one's own that override this.
   *
   * @throws IllegalArgumentException if there is another number of inputs than the layer takes
   */
  public List<Tensor> forward(List<Tensor> xs) {
    if (xs.size() != 1) throw new IllegalArgumentException(label() + " takes one input, got " + xs.size());
    return List.of(made(forward(xs.get(0))));
  }

  /**
   * Its output for what these nodes stand for, in a model that is being put together: see {@link Model}. Each call of
   * the same layer shares its parameters.
   *
   * @throws ShapeException if it does not take these shapes
   * @throws IllegalArgumentException if it has several outputs: see {@link #call(List)}
   */
  public final Node call(Node... xs) {
    return Call.only(Call.layer(null, this, Check.all("xs", xs)));
  }

  /** As {@link #call(Node...)}, for a layer with any number of outputs. */
  public final List<Node> call(List<Node> xs) {
    return Call.layer(null, this, xs).outputs();
  }

  // ---- members ----

  /**
   * Makes a layer part of this one; returns it.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot, or if the layer is already part of one
   */
  protected final <L extends Layer> L child(String name, L layer) {
    checkName(name, layer);
    Layer l = layer;
    if (l.parent != null) {
      throw new IllegalArgumentException(type() + ": '" + name + "' is already a child: " + l.name + " of "
          + l.parent.type());
    }
    for (Layer up = this; up != null; up = up.parent) {
      if (up == layer) throw new IllegalArgumentException(type() + ": '" + name + "' cannot contain itself");
    }
    l.parent = this;
    l.name = name;
    children.put(name, layer);
    resets.put(name, layer::reset);
    return layer;
  }

  /** As {@link #child}, for a layer that may be part of others too: its first place is the one that errors name. */
  final void adopt(String name, Layer layer) {
    checkName(name, layer);
    if (layer.parent == null) {
      layer.parent = this;
      layer.name = name;
    }
    children.put(name, layer);
    resets.put(name, layer::reset);
  }

  /**
   * Makes a float tensor a parameter: it gets gradients, is saved, and outlives scopes. {@link #reset()} gives it back
   * the values it has now. Returns it.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot
   * @throws io.github.einkorn.DTypeException unless it holds floats
   */
  protected final Tensor parameter(String name, Tensor initial) {
    checkName(name, initial);
    initial.requiresGrad(true).keep();
    parameters.put(name, initial);
    remember(name, initial);
    return initial;
  }

  /** As {@link #parameter(String, Tensor)}, made by {@code draw}; {@link #reset()} draws it anew. */
  protected final Tensor parameter(String name, Supplier<Tensor> draw) {
    checkName(name, draw);
    Tensor t = draw.get().requiresGrad(true).keep();
    parameters.put(name, t);
    resets.put(name, () -> t.copyInPlace(draw.get()));
    return t;
  }

  /**
   * Makes a tensor a buffer: saved and kept like a parameter, but not learnt. {@link #reset()} gives it back the values
   * it has now. Returns it.
   *
   * @throws IllegalArgumentException if the name is taken, empty or has a dot
   */
  protected final Tensor buffer(String name, Tensor initial) {
    checkName(name, initial);
    buffers.put(name, initial.keep());
    remember(name, initial);
    return initial;
  }

  /**
   * Fills a parameter anew, now and at every {@link #reset()}, with what an initializer such as {@link Init#heNormal}
   * makes of it. Options of the layer that change its parameters come before. Returns this.
   *
   * <pre>{@code
   * for (Layer l : model.layers()) {
   *   if (l instanceof Conv2d) l.init("weight", Init::heNormal);
   * }
   * }</pre>
   *
   * @throws IllegalArgumentException if this layer, without its children, has no parameter of this name
   */
  public final Layer init(String name, Consumer<Tensor> initializer) {
    Tensor t = parameters.get(name);
    if (t == null) {
      throw new IllegalArgumentException(label() + " has no parameter '" + name + "': it has " + parameters.keySet());
    }
    resets.put(name, () -> initializer.accept(t));
    try (var off = new NoGrad()) {
      initializer.accept(t);
    }
    return this;
  }

  /** Forgets a parameter or buffer and frees it, for options that leave it out or make it anew. */
  final void drop(String name) {
    Tensor dropped = parameters.getOrDefault(name, buffers.get(name));
    if (dropped != null) Tensors.close(dropped, "an option of " + type());
    forget(name);
  }

  /** Forgets a parameter or buffer, which may be given another part. */
  final void forget(String name) {
    parameters.remove(name);
    buffers.remove(name);
    resets.remove(name);
    regularizers.remove(name);
  }

  private void remember(String name, Tensor t) {
    Tensor original = t.copy().keep();
    resets.put(name, () -> t.copyInPlace(original));
  }

  private void checkName(String name, Object member) {
    if (name == null || name.isEmpty() || name.indexOf('.') >= 0) {
      throw new IllegalArgumentException(type() + ": a name must not be empty or contain a dot, got '" + name + "'");
    }
    if (member == null) throw new IllegalArgumentException(type() + ": '" + name + "' is null");
    if (resets.containsKey(name)) throw new IllegalArgumentException(type() + ": the name '" + name + "' is taken");
  }

  /** The layers directly inside, by name. */
  public final Map<String, Layer> children() {
    return Collections.unmodifiableMap(children);
  }

  /** This layer and all inside it, each before its children. One that is there by several paths comes once. */
  public final List<Layer> layers() {
    var all = new ArrayList<Layer>();
    list(all, Collections.newSetFromMap(new IdentityHashMap<>()));
    return all;
  }

  private void list(List<Layer> all, Set<Layer> seen) {
    if (!seen.add(this)) return;
    all.add(this);
    for (Layer c : children.values()) c.list(all, seen);
  }

  /** Where it is in the model, as {@code block1.conv}; empty for the model itself. */
  public final String path() {
    if (parent == null) return "";
    return parent.parent == null ? name : parent.path() + "." + name;
  }

  // ---- state ----

  /** The parameters, own ones first, then those of the children: PyTorch's order. A shared one comes once. */
  public final List<Tensor> parameters() {
    Map<Tensor, Boolean> seen = new IdentityHashMap<>();
    var all = new ArrayList<Tensor>();
    for (Tensor p : namedParameters().values()) if (seen.put(p, true) == null) all.add(p);
    return all;
  }

  /** The parameters by dotted name, in the order of {@link #parameters()}. */
  public final Map<String, Tensor> namedParameters() {
    var all = new LinkedHashMap<String, Tensor>();
    collect("", all, false);
    return all;
  }

  /** Number of numbers that are learnt. */
  public final long parameterCount() {
    return parameters().stream().mapToLong(Tensor::size).sum();
  }

  /**
   * Parameters and buffers by dotted name, in PyTorch's order and with its names: {@code conv1.weight},
   * {@code bn1.running_mean}. They are the live tensors, not copies.
   */
  public final LinkedHashMap<String, Tensor> stateDict() {
    var all = new LinkedHashMap<String, Tensor>();
    collect("", all, true);
    return all;
  }

  private void collect(String prefix, Map<String, Tensor> all, boolean withBuffers) {
    parameters.forEach((n, t) -> all.put(prefix + n, t));
    if (withBuffers) buffers.forEach((n, t) -> all.put(prefix + n, t));
    children.forEach((n, c) -> c.collect(prefix + n + ".", all, withBuffers));
  }

  final Map<String, Tensor> ownParameters() {
    return parameters;
  }

  final Map<String, Tensor> ownBuffers() {
    return buffers;
  }

  /**
   * Copies the values of a state dict into the parameters and buffers. Nothing is changed unless everything fits.
   *
   * @throws EinkornException if names are missing or unknown, or shapes or types differ: the message lists all of them
   */
  public final void loadStateDict(Map<String, Tensor> state) {
    StateDict.load(type(), stateDict(), state);
  }

  /**
   * Draws every parameter anew, as at construction, from the current random state, and restores the buffers; children
   * included. After the same {@link io.github.einkorn.Einkorn#seed} it gives the same values.
   */
  public final void reset() {
    try (var off = new NoGrad(); var scope = new Scope()) {
      resets.values().forEach(Runnable::run);
    }
  }

  /**
   * Writes {@link #stateDict()} as safetensors, which PyTorch reads. The file appears complete or not at all.
   *
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public final void save(Path file) {
    Safetensors.write(file, stateDict(), Map.of("format", "pt"));
  }

  /**
   * Reads what {@link #save} or PyTorch wrote, as {@link #loadStateDict}.
   *
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws io.github.einkorn.FormatException if it is not a safetensors file
   * @throws EinkornException if it is of another model: nothing is changed
   */
  public final void load(Path file) {
    try (var scope = new Scope()) {
      Map<String, Tensor> state = Safetensors.read(file);
      try {
        loadStateDict(state);
      } catch (EinkornException e) {
        throw e.in(file.toString());
      }
    }
  }

  // ---- regularizers ----

  /**
   * Adds a penalty for this layer's own parameters other than {@code bias} to the loss that a {@link
   * io.github.einkorn.train.Trainer} makes small, in place of one that was set before: Keras's {@code
   * kernel_regularizer}. In a loop of one's own, see {@link Regularizer#penalty}. Returns this.
   *
   * @throws IllegalArgumentException if there is no such parameter; the layers inside have penalties of their own
   */
  public final Layer regularizer(Regularizer penalty) {
    List<String> names = parameters.keySet().stream().filter(n -> !n.equals("bias")).toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException(label() + ": it has no weights of its own to regularize"
          + (children.isEmpty() ? "" : "; give the regularizer to the layers inside"));
    }
    for (String n : names) regularizer(n, penalty);
    return this;
  }

  /** As {@link #regularizer(Regularizer)} for a single one of its own parameters, such as {@code bias}. */
  public final Layer regularizer(String parameter, Regularizer penalty) {
    if (!parameters.containsKey(parameter)) {
      throw new IllegalArgumentException(label() + ": it has no parameter '" + parameter + "', only "
          + parameters.keySet());
    }
    regularizers.put(parameter, Objects.requireNonNull(penalty, "penalty"));
    return this;
  }

  /** The penalties of its own parameters. */
  final List<Tensor> penalties() {
    if (regularizers.isEmpty()) return List.of();
    var all = new ArrayList<Tensor>();
    regularizers.forEach((n, r) -> all.add(r.penalty(parameters.get(n))));
    return all;
  }

  // ---- modes ----

  /** Switches to training: dropout drops, batch normalization uses the batch. The mode of a new layer. Returns this. */
  public final Layer train() {
    return train(true);
  }

  /** Switches to evaluation. Returns this. */
  public final Layer eval() {
    return train(false);
  }

  /** Switches this layer and its children to training or evaluation. Returns this. */
  public Layer train(boolean on) {
    training = on;
    for (Layer c : children.values()) c.train(on);
    return this;
  }

  /** Whether it is in training mode. */
  public final boolean isTraining() {
    return training;
  }

  /** Calls in evaluation mode, without gradients; afterwards every layer is again in the mode it was in. */
  final <T> T evaluating(Supplier<T> call) {
    List<Layer> switched = layers().stream().filter(l -> l.training).toList();
    switched.forEach(l -> l.training = false);
    try (var off = new NoGrad()) {
      return call.get();
    } finally {
      switched.forEach(l -> l.training = true);
    }
  }

  // ---- running ----

  /**
   * The output in evaluation mode, without gradients; the mode is restored afterwards. Takes a batch, or one sample
   * without the batch dimension, such as (C, H, W), and then returns its result without it. Everything made on the way
   * is freed. Threads that share a model call {@link #eval()} before.
   */
  public final Tensor predict(Tensor x) {
    requireSingle("predict(List)");
    boolean sample = x.rank() <= 1 || x.rank() == inputRank() - 1;
    return evaluating(() -> {
      try {
        return answer(x, sample);
      } catch (ShapeException e) {
        try { // layers that take many shapes, such as Flatten, leave open which it is
          return answer(x, !sample);
        } catch (ShapeException again) {
          throw e;
        }
      }
    });
  }

  private Tensor answer(Tensor x, boolean sample) {
    try (var scope = new Scope()) {
      Tensor y = run(sample ? x.unsqueeze(0) : x);
      if (sample && y.rank() > 0 && y.dim(0) == 1) y = y.squeeze(0);
      return Tensors.result(y, scope);
    }
  }

  /**
   * This model as it is now, for predictions alone: faster than {@link #predict}, unchanged by whatever happens to the
   * model, and free for use by any number of threads. Batch normalization goes into the weights before it, and what
   * evaluation leaves out, such as dropout, is gone. Works for layers of one's own too: the forward pass is run in
   * evaluation mode on batches of 3, 2 and 1 random samples (0 to 1), and the operations it applies to what depends on
   * them are taken down: what forward does for larger batches alone is not seen. Hooks are not called. A {@link Model}
   * with several inputs or outputs is frozen by {@link Model#freeze()}.
   *
   * @param sampleShape the shape of one sample, without the batch dimension, such as 1, 28, 28
   * @throws io.github.einkorn.FreezeException if forward is more than a fixed list of operations: it reads values (as
   *     by {@code item()}), changes them in place, draws random numbers, or goes by the size of the batch
   * @throws ShapeException if the model does not take this shape
   */
  public final Predictor freeze(int... sampleShape) {
    return freeze(DType.FLOAT32, sampleShape);
  }

  /** As {@link #freeze(int...)}, for samples of a type, as the INT64 of an {@link Embedding}: all 0. */
  public final Predictor freeze(DType type, int... sampleShape) {
    requireSingle("freeze()");
    return freeze(xs -> List.of(run(xs.get(0))), List.of(new Argument("input", type, Shape.of(sampleShape))),
        List.of("output"));
  }

  final Predictor freeze(UnaryOperator<List<Tensor>> forward, List<Argument> inputs, List<String> outputs) {
    return evaluating(() -> new Predictor(new Signature(type(), inputs, outputs), Draft.plan(forward, inputs)));
  }

  /** Throws IllegalArgumentException, which says what to call instead, unless there is one input and one output. */
  void requireSingle(String instead) {}

  /** Number of dimensions of a batch for this layer; 0 if it takes any. */
  int inputRank() {
    for (Layer c : children.values()) {
      int rank = c.inputRank();
      if (rank > 0) return rank;
    }
    return 0;
  }

  /** The output for a batch as the library asks for it: hooks see it, unless the model is being frozen. */
  Tensor run(Tensor x) {
    return named(() -> {
      Tensor y = made(call(x));
      show(y);
      return y;
    });
  }

  /** The outputs for the inputs of a batch, as {@link #run(Tensor)} one. */
  List<Tensor> run(List<Tensor> xs) {
    return named(() -> {
      List<Tensor> ys = forward(xs);
      ys.forEach(y -> show(made(y)));
      return ys;
    });
  }

  /** What forward returned, unless it is the null of a layer of one's own. */
  private Tensor made(Tensor y) {
    if (y == null) throw new IllegalStateException(label() + ": forward returned null");
    return y;
  }

  /** Lets the hooks see an output. */
  final void show(Tensor y) {
    if (Tensors.trace() == null) for (var hook : hooks) hook.accept(this, y);
  }

  /** Calls in the name of this layer, which exceptions and frozen models show. */
  final <T> T named(Supplier<T> call) {
    return named(this::label, call);
  }

  /** Calls in the name of whatever this label is of. */
  static <T> T named(Supplier<String> label, Supplier<T> call) {
    Trace trace = Tensors.trace();
    if (trace != null) trace.enter(label.get());
    try {
      return call.get();
    } catch (EinkornException e) {
      throw e.in(label.get());
    } finally {
      if (trace != null) trace.leave();
    }
  }

  Tensor call(Tensor x) {
    return forward(x);
  }

  /**
   * Calls a hook with this layer and its output after every forward pass; {@link Tensor#keep()} the output to look at
   * it later. A layer of one's own is seen when a Sequential, predict or summary runs it, a built-in one always.
   * Returns what removes the hook. {@link Activations} gives the outputs of all layers.
   */
  public final Runnable onForward(BiConsumer<Layer, Tensor> hook) {
    hooks.add(Objects.requireNonNull(hook, "hook"));
    return () -> hooks.remove(hook);
  }

  final boolean isHooked() {
    return !hooks.isEmpty();
  }

  /** Whether its output is its input or a tensor nobody else holds, and it does not hold on to its input. */
  boolean isPlain() {
    return false;
  }

  /** Asked of each layer in each step: most have no children, and are asked for no iterator. */
  final boolean hasPlainChildren() {
    if (children.isEmpty()) return true;
    for (Layer c : children.values()) if (!c.isPlain()) return false;
    return true;
  }

  // ---- text ----

  /**
   * A table of layers, output shapes and numbers of parameters, with totals, as Keras prints it: N is the batch, and
   * buffers such as running means count as parameters that are not trained. The shape of a layer that was not seen (see
   * {@link #onForward}) is "-".
   *
   * @param inputShape the shape of one sample, without the batch dimension, such as 1, 28, 28
   * @throws ShapeException if the model does not take this shape
   */
  public final String summary(int... inputShape) {
    return summary(DType.FLOAT32, inputShape);
  }

  /** As {@link #summary(int...)}, for samples of a type, as the INT64 of an {@link Embedding}. */
  public final String summary(DType type, int... inputShape) {
    requireSingle("summary()");
    return Summary.of(this, type, inputShape);
  }

  /** The options, as they stand between parentheses in {@link #toString()}. */
  protected String details() {
    return "";
  }

  final String type() {
    Class<?> c = getClass();
    while (c.isAnonymousClass()) c = c.getSuperclass();
    return c.getSimpleName();
  }

  /** How errors name it: {@code block1.conv (Conv2d)}, or {@code Conv2d}. */
  final String label() {
    String path = path();
    return path.isEmpty() ? type() : path + " (" + type() + ")";
  }

  /** The layers inside, indented, in the words of PyTorch. */
  @Override
  public String toString() {
    if (children.isEmpty()) return type() + "(" + details() + ")";
    var s = new StringBuilder(type()).append("(\n");
    if (!details().isEmpty()) s.append("  ").append(details()).append('\n');
    children.forEach((n, c) ->
        s.append("  (").append(n).append("): ").append(c.toString().replace("\n", "\n  ")).append('\n'));
    return s.append(')').toString();
  }
}
