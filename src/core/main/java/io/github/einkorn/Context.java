package io.github.einkorn;

import io.github.einkorn.plan.Trace;

/** What a thread has in force: the innermost scope, whether gradients are recorded, and who takes operations down. */
final class Context {
  private static final ThreadLocal<Context> CURRENT = ThreadLocal.withInitial(Context::new);

  Scope scope;
  boolean recording = true;
  Trace trace; // or null

  static Context get() {
    return CURRENT.get();
  }
}
