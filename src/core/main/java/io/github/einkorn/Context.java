package io.github.einkorn;

import io.github.einkorn.plan.Trace;
import java.util.concurrent.atomic.AtomicLong;

/** What a thread has in force: the innermost scope, whether gradients are recorded, and who takes operations down. */
final class Context {
  private static final ThreadLocal<Context> CURRENT = ThreadLocal.withInitial(Context::new);
  private static final AtomicLong COUNT = new AtomicLong();

  /** The thread as its scopes know it, and what it leaves behind when it ends. Does not lead to the thread itself. */
  static final class Owner implements Runnable {
    final String name = Thread.currentThread().getName();
    private Scope innermost;
    private boolean watched;

    @Override
    public void run() {
      if (innermost != null) innermost.abandon();
    }
  }

  final Owner owner = new Owner();
  final long number = COUNT.incrementAndGet(); // of no other thread
  boolean recording = true;
  NoGrad off; // the innermost one, or null
  Trace trace; // or null
  long lastNode; // the order of the newest one of a graph
  boolean forgetful; // native code is to keep no rearranged weights

  static Context get() {
    return CURRENT.get();
  }

  /** The innermost scope, or null. */
  Scope scope() {
    return owner.innermost;
  }

  /** Another scope is the innermost one, or none. */
  void scope(Scope s) {
    if (!owner.watched) Tensor.CLEANER.register(this, owner);
    owner.watched = true;
    owner.innermost = s;
  }
}
