package io.github.einkorn;

/** What a thread has in force: the innermost scope, and whether operations are recorded for gradients. */
final class Context {
  private static final ThreadLocal<Context> CURRENT = ThreadLocal.withInitial(Context::new);

  Scope scope;
  boolean recording = true;

  static Context get() {
    return CURRENT.get();
  }
}
