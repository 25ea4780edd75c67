package io.github.einkorn;

import io.github.einkorn.plan.Trace;
import java.lang.ref.Cleaner;

/** What a thread has in force: the innermost scope, whether gradients are recorded, and who takes operations down. */
final class Context {
  private static final ThreadLocal<Context> CURRENT = ThreadLocal.withInitial(Context::new);
  private static final Cleaner CLEANER = Cleaner.create();

  /** What the thread leaves behind when it ends. */
  private static final class Legacy implements Runnable {
    private Scope scope;

    @Override
    public void run() {
      if (scope != null) scope.abandon();
    }
  }

  Scope scope;
  boolean recording = true;
  Trace trace; // or null
  private Legacy legacy;

  static Context get() {
    return CURRENT.get();
  }

  /** Another scope is the innermost one, or none. */
  void innermost(Scope s) {
    if (legacy == null) CLEANER.register(this, legacy = new Legacy());
    scope = s;
    legacy.scope = s;
  }
}
