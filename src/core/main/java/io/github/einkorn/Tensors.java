package io.github.einkorn;

import io.github.einkorn.plan.Trace;

/** What the packages of the library may do to a tensor and programs need not. Internal: not for use outside. */
public final class Tensors {
  private Tensors() {}

  /** Frees a tensor; a later use throws a ClosedTensorException that says "was closed by" and these words. */
  public static void close(Tensor x, String who) {
    x.close(who);
  }

  /** The int64 values in row-major order, for an operation that works on them itself. */
  public static long[] longs(Tensor x) {
    return x.longs();
  }

  /** Takes down what this thread does from now on; null ends it. Returns what was in force. */
  public static Trace trace(Trace trace) {
    Context c = Context.get();
    Trace before = c.trace;
    c.trace = trace;
    return before;
  }

  /** What takes down what this thread does, or null. */
  public static Trace trace() {
    return Context.get().trace;
  }

  /** Frees the rearranged copies that native code keeps of a tensor. */
  public static void unpack(Tensor x) {
    x.storage().unpack();
  }

  /** The same values outside the graph, for the scope around the innermost one of this thread. */
  public static Tensor result(Tensor x, Scope innermost) {
    Tensor y = x.detach();
    innermost.handOn(y);
    return y;
  }

  /** Lets a tensor live as long as an outer scope of this thread. Returns it. */
  public static Tensor move(Tensor x, Scope to) {
    x.moveTo(to);
    return x;
  }

  /** The same memory in another shape of as many elements; the tensor must be contiguous. Not recorded. */
  public static Tensor view(Tensor x, Shape shape) {
    return x.viewAs(shape);
  }
}
