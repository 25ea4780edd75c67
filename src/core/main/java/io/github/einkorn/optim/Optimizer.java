package io.github.einkorn.optim;

import io.github.einkorn.Check;
import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Native;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Moves parameters against their gradients, as {@code torch.optim} does: all of them in one pass over memory.
 *
 * <pre>{@code
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 * }</pre>
 *
 * <p>A parameter without a gradient is left alone, and its own count of steps does not advance. The state (momentum,
 * moments) is made when a parameter is first moved, and outlives scopes.
 */
public abstract class Optimizer {
  private final List<Tensor> parameters;
  private final Tensor[][] slots; // per parameter: its state in the order of slotNames(), or null while it has none
  private final long[] counts; // per parameter: the steps its state has seen
  private long steps;
  private double lr;

  /** Package-private: the kernels of the subclasses are native. */
  Optimizer(List<Tensor> parameters, double lr) {
    this.parameters = List.copyOf(parameters);
    this.slots = new Tensor[this.parameters.size()][];
    this.counts = new long[this.parameters.size()];
    checkParameters();
    lr(lr);
  }

  private void checkParameters() {
    if (parameters.isEmpty()) throw new IllegalArgumentException(name() + ": the list of parameters is empty");
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < parameters.size(); i++) {
      Tensor p = parameters.get(i);
      open(i, "", p);
      Check.floats(where(i), p);
      if (!seen.add(p)) throw new IllegalArgumentException(where(i) + " is in the list twice");
      try {
        if (p.requiresGrad()) p.requiresGrad(true); // refused where it was computed: it would never have a gradient
      } catch (EinkornException e) {
        throw new IllegalArgumentException(where(i) + " is the result of an operation, not a parameter");
      }
    }
  }

  // ---- what an algorithm says about itself ----

  /** Names of the state tensors that each parameter needs with the present settings: PyTorch's. At most two. */
  abstract List<String> slotNames();

  /** Throws IllegalStateException where settings contradict each other. */
  void checkSettings() {}

  /** One native call for parameters whose state sees its t-th step, t >= 1; five longs (p, g, m, v, n) for each. */
  abstract int update(long[] table, int count, double lr, long t);

  // ---- stepping ----

  /**
   * Moves every parameter that has a gradient.
   *
   * @throws ClosedTensorException if a parameter or a gradient has been freed; nothing is changed then
   */
  public final void step() {
    checkSettings();
    int wanted = slotNames().size();
    try (var scope = new Scope()) {
      var moved = new ArrayList<Move>();
      for (int i = 0; i < slots.length; i++) {
        Tensor p = open(i, "", parameters.get(i));
        Tensor g = p.grad();
        if (g == null) continue;
        g = open(i, "the gradient of ", g).to(p.format());
        Tensor[] state = wanted == 0 ? new Tensor[0] : slots[i] != null ? slots[i] : zeros(p, wanted);
        for (Tensor s : state) open(i, "the state of ", s);
        moved.add(new Move(i, p, g, state));
      }
      var groups = new TreeMap<Long, List<Move>>(); // a late gradient starts its parameter's own count
      for (Move m : moved) groups.computeIfAbsent(counts[m.index] + 1, t -> new ArrayList<>()).add(m);
      for (var group : groups.entrySet()) run(group.getValue(), group.getKey());
      steps++;
    }
  }

  private record Move(int index, Tensor p, Tensor g, Tensor[] state) {
    long state(int k) {
      return k < state.length ? state[k].address() : 0;
    }
  }

  private void run(List<Move> group, long t) {
    long[] table = new long[5 * group.size()];
    int at = 0;
    for (Move m : group) {
      table[at++] = m.p.address();
      table[at++] = m.g.address();
      table[at++] = m.state(0);
      table[at++] = m.state(1);
      table[at++] = m.p.size();
    }
    int status = update(table, group.size(), lr, t);
    Reference.reachabilityFence(group);
    Native.check(status);
    for (Move m : group) {
      m.p.touch();
      if (m.state.length == 0) continue;
      for (Tensor s : m.state) s.keep().touch();
      slots[m.index] = m.state;
      counts[m.index] = t;
    }
  }

  private static Tensor[] zeros(Tensor p, int count) {
    Tensor[] z = new Tensor[count];
    for (int k = 0; k < count; k++) z[k] = Tensor.like(p).fillInPlace(0);
    return z;
  }

  private Tensor open(int i, String what, Tensor t) {
    try {
      t.address();
      return t;
    } catch (ClosedTensorException e) {
      e.in(what + where(i));
      throw e;
    }
  }

  /** Frees the gradients of all parameters. */
  public final void zeroGrad() {
    for (Tensor p : parameters) p.zeroGrad();
  }

  // ---- settings ----

  /** The parameters, in the order given. */
  public final List<Tensor> parameters() {
    return parameters;
  }

  /** The learning rate. */
  public final double lr() {
    return lr;
  }

  /**
   * Sets the learning rate, from the next step on.
   *
   * @throws IllegalArgumentException unless it is finite and not negative
   */
  public final void lr(double lr) {
    notNegative("the learning rate", lr);
    this.lr = lr;
  }

  /** How often {@link #step()} was called. */
  public final long steps() {
    return steps;
  }

  final double notNegative(String what, double value) {
    if (!(value >= 0 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(name() + ": " + what + " must be finite and not negative, got " + value);
    }
    return value;
  }

  final String name() {
    return getClass().getSimpleName();
  }

  private String where(int i) {
    return name() + " parameter " + i;
  }

  // ---- state, for checkpoints ----

  /**
   * What {@link #load} needs to go on as if never stopped. {@code lr}: the bits of the double in an int64; {@code
   * steps}: int64, of the optimizer and then of each parameter; and for the i-th parameter that was moved its state
   * under PyTorch's names, as {@code 3.exp_avg}. The latter are the live tensors: copy them to keep the present values.
   */
  public final Map<String, Tensor> state() {
    var all = new LinkedHashMap<String, Tensor>();
    all.put("lr", Tensor.of(Double.doubleToRawLongBits(lr)));
    long[] n = new long[counts.length + 1];
    n[0] = steps;
    System.arraycopy(counts, 0, n, 1, counts.length);
    all.put("steps", Tensor.of(n));
    List<String> names = stateNames();
    for (int i = 0; i < slots.length; i++) {
      for (int k = 0; slots[i] != null && k < names.size(); k++) all.put(i + "." + names.get(k), slots[i][k]);
    }
    return all;
  }

  /**
   * Restores the learning rate, the counts and copies of the state that {@link #state()} gave for the same parameters.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a value cannot be; nothing is changed then
   * @throws ShapeException if a tensor does not have its parameter's shape; nothing is changed then
   */
  public final void load(Map<String, Tensor> state) {
    var unknown = new HashSet<>(state.keySet());
    double newLr = Double.longBitsToDouble(longs(state, unknown, "lr", 1)[0]);
    notNegative("the saved learning rate", newLr);
    long[] n = longs(state, unknown, "steps", counts.length + 1);
    for (long count : n) if (count < 0) throw new IllegalArgumentException(name() + ": negative count in \"steps\"");

    List<String> names = stateNames();
    Tensor[][] loaded = new Tensor[slots.length][];
    for (int i = 0; i < slots.length; i++) {
      if (n[i + 1] == 0) continue;
      loaded[i] = new Tensor[names.size()];
      for (int k = 0; k < names.size(); k++) {
        loaded[i][k] = saved(state, unknown, i + "." + names.get(k), DType.FLOAT32, parameters.get(i).shape());
      }
    }
    if (!unknown.isEmpty()) throw new IllegalArgumentException(name() + ": unknown state " + unknown);
    replace(loaded);
    System.arraycopy(n, 1, counts, 0, counts.length);
    steps = n[0];
    lr = newLr;
  }

  /** Copies all first, so that running out of memory changes nothing. */
  private void replace(Tensor[][] loaded) {
    Tensor[][] mine = new Tensor[loaded.length][];
    try (var scope = new Scope()) {
      for (int i = 0; i < mine.length; i++) {
        if (loaded[i] == null) continue;
        mine[i] = new Tensor[loaded[i].length];
        for (int k = 0; k < mine[i].length; k++) mine[i][k] = loaded[i][k].to(parameters.get(i).format()).copy();
      }
      for (Tensor[] m : mine) for (int k = 0; m != null && k < m.length; k++) m[k].keep();
    }
    for (int i = 0; i < mine.length; i++) {
      if (slots[i] != null) for (Tensor old : slots[i]) old.close();
      slots[i] = mine[i];
    }
  }

  /** All names a state may have, also those that the present settings do not need. */
  List<String> stateNames() {
    return slotNames();
  }

  private long[] longs(Map<String, Tensor> state, Set<String> unknown, String key, int count) {
    return saved(state, unknown, key, DType.INT64, Shape.of(count)).toLongs();
  }

  private Tensor saved(Map<String, Tensor> state, Set<String> unknown, String key, DType dtype, Shape shape) {
    Tensor t = state.get(key);
    if (t == null) throw new IllegalArgumentException(name() + ": the state lacks \"" + key + "\"");
    Check.dtype(name() + ": state \"" + key + "\"", t, dtype);
    if (!t.shape().equals(shape)) {
      throw new ShapeException(name() + ": state \"" + key + "\" should have shape " + shape + ", got " + t.shape());
    }
    unknown.remove(key);
    return t;
  }

  @Override
  public String toString() {
    return name() + "(" + parameters.size() + " parameters, lr " + lr + ", steps " + steps + ")";
  }
}
