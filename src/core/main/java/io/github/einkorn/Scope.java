package io.github.einkorn;

import java.util.ArrayList;

/**
 * Frees, when it is closed, every tensor made on this thread since it was opened:
 *
 * <pre>{@code
 * try (var scope = new Scope()) {
 *   Tensor loss = model.forward(x).square().mean();
 *   loss.backward();
 * }
 * }</pre>
 *
 * <p>Parameters, their gradients and the state of optimizers outlive scopes; so does what {@link Tensor#keep()} is
 * called on. Scopes nest. A tensor made outside any scope is freed by {@link Tensor#close()} or by the garbage
 * collector, and so is what is left in a scope whose thread ends before it is closed.
 */
public final class Scope implements AutoCloseable {
  private final Context.Owner owner = Context.get().owner;
  private final String who;
  private final ArrayList<Tensor> tensors = new ArrayList<>();
  private int sweepAt = 1024; // tensors
  private Scope parent;
  private boolean open;

  /** Opens a scope on this thread. */
  public Scope() {
    this("a Scope");
  }

  /** A scope whose closing is reported under a name, as in "closed by backward". */
  Scope(String who) {
    this(who, true);
  }

  private Scope(String who, boolean open) {
    this.who = who;
    if (open) open();
  }

  /** A scope that is not open yet. */
  static Scope later(String who) {
    return new Scope(who, false);
  }

  /** Opens it, on the thread that made it, if it is closed. */
  void open() {
    Context c = Context.get();
    parent = c.scope();
    c.scope(this);
    open = true;
  }

  void add(Tensor t) {
    if (tensors.size() >= sweepAt) sweep();
    tensors.add(t);
  }

  /** Forgets those that were closed or left, so that a scope open for long holds no more than what lives. */
  private void sweep() {
    tensors.removeIf(t -> t.scope() != this);
    sweepAt = Math.max(sweepAt, 2 * tensors.size());
  }

  /** Number of tensors that will be freed. */
  int count() {
    return tensors.size();
  }

  /**
   * Frees the tensors, newest first. Closing twice does nothing.
   *
   * @throws IllegalStateException on another thread than the one that opened it, or while an inner scope is open
   */
  @Override
  public void close() {
    if (!open) return;
    Context c = Context.get();
    if (c.owner != owner) {
      throw new IllegalStateException("a Scope must be closed by the thread that opened it, " + owner.name);
    }
    if (c.scope() != this) throw new IllegalStateException("an inner Scope is still open");
    c.scope(parent);
    boolean entered = SmallBlocks.enter(c.number);
    try {
      for (int i = tensors.size() - 1; i >= 0; i--) {
        Tensor t = tensors.get(i);
        if (t.scope() == this) t.close(who);
      }
    } finally {
      if (entered) SmallBlocks.leave();
    }
    tensors.clear();
    open = false;
  }

  /** Leaves the tensors of this scope, and of those around, to the garbage collector: the thread has ended. */
  void abandon() {
    for (Scope s = this; s != null; s = s.parent) {
      for (Tensor t : s.tensors) if (t.scope() == s) t.abandon();
      s.tensors.clear();
      s.open = false;
    }
  }

  /** Moves a tensor to the scope around this one (or out of all scopes). */
  void handOn(Tensor t) {
    if (parent == null) t.keep();
    else t.moveTo(parent);
  }
}
