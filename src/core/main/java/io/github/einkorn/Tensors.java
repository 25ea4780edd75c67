package io.github.einkorn;

import static io.github.einkorn.global.einkorn.ek_same;

import io.github.einkorn.plan.Trace;
import java.lang.ref.Reference;
import java.util.function.Supplier;

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

  /** Whether both have the same type, shape and, bit for bit, values. */
  public static boolean same(Tensor x, Tensor y) {
    if (x.dtype() != y.dtype() || !x.shape().equals(y.shape())) return false;
    if (x.format() != y.format()) return same(x.contiguous(), y.contiguous());
    boolean same = ek_same(x.address(), y.address(), x.size() * x.dtype().bytes()) != 0;
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
    return same;
  }

  /**
   * What a task on this thread gives, while native code keeps no rearranged copies of weights that it will not see
   * again.
   */
  public static <T> T forgetful(Supplier<T> task) {
    Context c = Context.get();
    boolean before = c.forgetful;
    c.forgetful = true;
    try {
      return task.get();
    } finally {
      c.forgetful = before;
    }
  }

  /** Whether other tensors have the same memory. */
  public static boolean isShared(Tensor x) {
    return x.storage().isShared();
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
