package io.github.einkorn.optim;

import io.github.einkorn.Check;
import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.EinkornException;
import io.github.einkorn.Native;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
 * moments) is made when a parameter is first moved, and outlives scopes. Some of the parameters may have a learning
 * rate and a weight decay of their own: see {@link #group}.
 */
public abstract class Optimizer {
  private static final Tensor[] STATELESS = {};

  private final List<Tensor> parameters;
  private final Tensor[][] slots; // per parameter: its state in the order of slotNames(), or null while it has none
  private List<String> made = List.of(); // the names of these states
  private final long[] counts; // per parameter: the steps its state has seen
  private final double[] products; // per parameter: of the factors of these steps
  private final ParameterGroup rest = new ParameterGroup(this);
  private final ParameterGroup[] groups; // per parameter
  private long steps;
  private double lr;
  private double givenLr; // without what schedulers made of it
  double weightDecay;

  /** Package-private: the kernels of the subclasses are native. */
  Optimizer(List<Tensor> parameters, double lr) {
    this.parameters = List.copyOf(parameters);
    this.slots = new Tensor[this.parameters.size()][];
    this.counts = new long[this.parameters.size()];
    this.products = new double[this.parameters.size()];
    Arrays.fill(products, 1);
    this.groups = new ParameterGroup[this.parameters.size()];
    Arrays.fill(groups, rest);
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

  /** Names of the state tensors that each parameter needs with the present settings: PyTorch's. At most three. */
  abstract List<String> slotNames();

  /** The same with those that the present settings do not need, but a schedule's others do. */
  List<String> stateNames() {
    return slotNames();
  }

  /** The same of all settings: a state may hold more than is needed now. */
  List<String> everyName() {
    return stateNames();
  }

  /** What the state begins with. */
  double initialState() {
    return 0;
  }

  /** Throws IllegalStateException where settings contradict each other. */
  void checkSettings() {}

  /** The momentum, or a β₁ in its place; NaN where there is none. */
  double presentMomentum() {
    return Double.NaN;
  }

  /** Sets that momentum, where there is one. */
  void scheduleMomentum(double momentum) {}

  /** Where a parameter's state holds a product over its steps: PyTorch's name of it. */
  String productName() {
    return null;
  }

  /** The factor of that product at a parameter's t-th step, t >= 1. */
  double factor(long t) {
    return 1;
  }

  /** One native call for all parameters of a turn; six longs (p, g, m, v, a, n) for each. */
  abstract int update(long[] table, int count, Turn turn);

  /**
   * What the parameters of one native call share.
   *
   * @param t the number of this step among those that their state has seen, from 1: a late gradient starts its own
   * @param product of the factors of these steps, this one included
   */
  record Turn(double lr, double weightDecay, long t, double product, List<Move> moves) {
    private boolean is(double lr, double weightDecay, long t, double product) {
      return this.lr == lr && this.weightDecay == weightDecay && this.t == t && this.product == product;
    }
  }

  // ---- stepping ----

  /**
   * Moves every parameter that has a gradient.
   *
   * @throws ClosedTensorException if a parameter or a gradient has been freed; nothing is changed then
   */
  public final void step() {
    checkSettings();
    List<String> names = slotNames();
    boolean stateless = names.isEmpty();
    List<String> held = !made.isEmpty() && made.containsAll(names) || stateless ? made : stateNames();
    boolean some = !stateless && !held.equals(names); // of what is held is needed
    try (var scope = new Scope()) {
      var turns = new ArrayList<Turn>();
      for (int i = 0; i < slots.length; i++) {
        Tensor p = open(i, "", parameters.get(i));
        Tensor g = p.grad();
        if (g == null) continue;
        g = open(i, "the gradient of ", g).to(p.format());
        if (!stateless && slots[i] != null && held != made) {
          throw new IllegalStateException(name() + ": it needs " + names + " now, and has " + made
              + " of earlier steps: settings with a state of their own are to be made before the first step");
        }
        Tensor[] all = stateless ? STATELESS : slots[i] != null ? slots[i] : fresh(p, held.size());
        for (Tensor s : all) open(i, "the state of ", s);
        turn(i, turns).moves.add(new Move(i, p, g, all, some ? chosen(all, held, names) : all));
      }
      for (Turn turn : turns) run(turn);
      made = held;
      steps++;
    }
  }

  /** That of a parameter; parameters seldom differ in it. */
  private Turn turn(int i, List<Turn> turns) {
    long t = counts[i] + 1;
    double rate = lr * groups[i].lrFactor(), decay = groups[i].weightDecay(), product = products[i] * factor(t);
    for (int k = turns.size() - 1; k >= 0; k--) {
      if (turns.get(k).is(rate, decay, t, product)) return turns.get(k);
    }
    var turn = new Turn(rate, decay, t, product, new ArrayList<>());
    turns.add(turn);
    return turn;
  }

  /** `all` that is held of a parameter, and the states of them that the present settings need, in their order. */
  private record Move(int index, Tensor p, Tensor g, Tensor[] all, Tensor[] state) {
    long state(int k) {
      return k < state.length ? state[k].address() : 0;
    }
  }

  private void run(Turn turn) {
    List<Move> moves = turn.moves;
    long[] table = new long[6 * moves.size()];
    int at = 0;
    for (Move m : moves) {
      table[at++] = m.p.address();
      table[at++] = m.g.address();
      table[at++] = m.state(0);
      table[at++] = m.state(1);
      table[at++] = m.state(2);
      table[at++] = m.p.size();
    }
    int status = update(table, moves.size(), turn);
    Reference.reachabilityFence(moves);
    Native.check(status);
    for (Move m : moves) {
      m.p.touch();
      if (m.all.length == 0) continue;
      for (Tensor s : m.all) s.keep().touch();
      slots[m.index] = m.all;
      counts[m.index] = turn.t;
      products[m.index] = turn.product;
    }
  }

  private static Tensor[] chosen(Tensor[] all, List<String> held, List<String> names) {
    return names.stream().map(name -> all[held.indexOf(name)]).toArray(Tensor[]::new);
  }

  private Tensor[] fresh(Tensor p, int count) {
    Tensor[] z = new Tensor[count];
    for (int k = 0; k < count; k++) z[k] = Tensor.like(p).fillInPlace(initialState());
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

  /**
   * Puts some of the parameters into a group, which can be given a learning rate and a weight decay of its own.
   *
   * <pre>{@code
   * var adam = new AdamW(model.parameters(), 1e-3);
   * adam.group(head.parameters()).lrFactor(10);
   * adam.group(biases).weightDecay(0);
   * }</pre>
   *
   * @throws IllegalArgumentException if one of them is not this optimizer's, or is in another group already
   */
  public final ParameterGroup group(List<Tensor> some) {
    var group = new ParameterGroup(this);
    ParameterGroup[] changed = groups.clone();
    for (Tensor p : some) {
      int i = 0;
      while (i < groups.length && parameters.get(i) != p) i++;
      if (i == groups.length) {
        throw new IllegalArgumentException(name() + ": the group has a tensor of shape " + p.shape()
            + " that is not among this optimizer's parameters");
      }
      if (changed[i] != rest) throw new IllegalArgumentException(where(i) + " is in a group already");
      changed[i] = group;
    }
    System.arraycopy(changed, 0, groups, 0, groups.length);
    return group;
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
    this.lr = notNegative("the learning rate", lr);
    givenLr = lr;
  }

  /** Sets the learning rate for a {@link Scheduler}. */
  final void scheduleLr(double lr) {
    this.lr = notNegative("the scheduled learning rate", lr);
  }

  /** The learning rate that was given last, by the constructor or {@link #lr(double)}: schedulers begin with it. */
  final double givenLr() {
    return givenLr;
  }

  /** How often {@link #step()} was called. */
  public final long steps() {
    return steps;
  }

  final double notNegative(String what, double value) {
    return notNegative(name(), what, value);
  }

  static double notNegative(String who, String what, double value) {
    if (!(value >= 0 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(who + ": " + what + " must be finite and not negative, got " + value);
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
   * What {@link #load} needs to go on as if never stopped. {@code lr} and {@code initial_lr}, which was given before
   * schedules made {@code lr} of it: the bits of doubles in int64; {@code steps}: int64, of the optimizer and then of
   * each parameter; and for the i-th parameter that was moved its state under PyTorch's names, as {@code 3.exp_avg};
   * NAdam's {@code 3.mu_product} is the bits of a double, too. Those of a parameter's shape are the live tensors: copy
   * them to keep the present values.
   */
  public final Map<String, Tensor> state() {
    var all = new LinkedHashMap<String, Tensor>();
    all.put("lr", Saved.real(lr));
    all.put("initial_lr", Saved.real(givenLr));
    long[] n = new long[counts.length + 1];
    n[0] = steps;
    System.arraycopy(counts, 0, n, 1, counts.length);
    all.put("steps", Tensor.of(n));
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] == null) continue;
      for (int k = 0; k < made.size(); k++) all.put(i + "." + made.get(k), slots[i][k]);
      if (productName() != null) all.put(i + "." + productName(), Saved.real(products[i]));
    }
    return all;
  }

  /**
   * Restores the learning rates, the counts and copies of the state that {@link #state()} gave for the same parameters.
   * Without {@code initial_lr} it is {@code lr}.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a value cannot be; nothing is changed then
   * @throws ShapeException if a tensor does not have its parameter's shape; nothing is changed then
   */
  public final void load(Map<String, Tensor> state) {
    var saved = new Saved(name(), state);
    double newLr = notNegative("the saved learning rate", saved.real("lr"));
    double newGiven = saved.has("initial_lr")
        ? notNegative("the saved initial learning rate", saved.real("initial_lr")) : newLr;
    long[] n = saved.longs("steps", counts.length + 1);
    for (long count : n) if (count < 0) throw new IllegalArgumentException(name() + ": negative count in \"steps\"");

    List<String> needed = stateNames();
    List<String> names = everyName().stream().filter(s -> needed.contains(s) || saved.has("." + s)).toList();
    Tensor[][] loaded = new Tensor[slots.length][];
    double[] newProducts = new double[slots.length];
    Arrays.fill(newProducts, 1);
    for (int i = 0; i < slots.length; i++) {
      if (n[i + 1] == 0) continue;
      loaded[i] = new Tensor[names.size()];
      for (int k = 0; k < names.size(); k++) {
        loaded[i][k] = saved.take(i + "." + names.get(k), DType.FLOAT32, parameters.get(i).shape());
      }
      if (productName() != null) newProducts[i] = notOne(saved, i + "." + productName());
    }
    saved.end();
    replace(loaded);
    made = names;
    System.arraycopy(n, 1, counts, 0, counts.length);
    System.arraycopy(newProducts, 0, products, 0, products.length);
    steps = n[0];
    lr = newLr;
    givenLr = newGiven;
  }

  /** A product of factors in [0, 1). */
  private double notOne(Saved saved, String key) {
    double product = saved.real(key);
    if (product >= 0 && product < 1) return product;
    throw new IllegalArgumentException(name() + ": state \"" + key + "\" must lie in [0, 1), got " + product);
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

  @Override
  public String toString() {
    return name() + "(" + parameters.size() + " parameters, lr " + lr + ", steps " + steps + ")";
  }
}
