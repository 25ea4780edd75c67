package io.github.einkorn;

import io.github.einkorn.plan.Trace;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.PriorityQueue;

/** Reverse-mode differentiation: what was applied to what, and the walk back through it. */
public final class Graph {
  private Graph() {}

  /** One applied operation. Sources are nodes, or tensors where the graph begins, or null without gradient. */
  static final class Node {
    final long order; // later nodes come first on the way back: those of a thread, and those made from others
    Object[] sources;
    Tensor[] inputs;
    int[] versions; // of the inputs: they must not change in place before the gradient is taken
    final Storage output; // nor must the output, which the operation may keep
    final int outputVersion;
    Op op;
    Tensor gradient;

    Node(Context context, Op op, Tensor y, Tensor[] inputs) {
      this.op = op;
      this.output = y.storage();
      this.outputVersion = output.version();
      this.inputs = inputs;
      this.sources = new Object[inputs.length];
      this.versions = new int[inputs.length];
      long before = context.lastNode;
      for (int i = 0; i < inputs.length; i++) {
        Tensor x = inputs[i];
        if (x == null) continue;
        versions[i] = x.storage().version();
        sources[i] = x.node != null ? x.node : x.requiresGrad() ? x : null;
        if (x.node != null) before = Math.max(before, x.node.order);
      }
      order = before + 1;
      context.lastNode = order;
    }

    void free() {
      closeOwned(op, inputs, "backward");
      op = null;
      inputs = null;
      sources = null;
    }
  }

  /** As {@link #record(Op, Tensor, Replay, Tensor...)}, for an operation put together from those of tensors. */
  public static Tensor record(Op op, Tensor y, Tensor... inputs) {
    return record(op, y, null, inputs);
  }

  /**
   * Notes that {@code y} came from {@code inputs} by {@code op}, if a gradient may be asked of it, which is so of
   * floats alone; null inputs are optional ones left out. {@code again} is for {@link
   * io.github.einkorn.nn.Layer#freeze}. Also keeps all of them reachable until here, so that no memory is freed under a
   * kernel.
   */
  public static Tensor record(Op op, Tensor y, Replay again, Tensor... inputs) {
    for (Tensor x : inputs) if (x == y) return record(op, y.share(), again, inputs);
    Context context = Context.get();
    if (context.trace != null) context.trace.add(op.getClass(), y, again, inputs);
    if (context.recording && y.dtype() == DType.FLOAT32) {
      for (Tensor x : inputs) {
        if (x != null && x.requiresGrad()) {
          y.node = new Node(context, op, y, inputs);
          break;
        }
      }
    }
    if (y.node == null) closeOwned(op, inputs, "its operation, which needs no gradient");
    Reference.reachabilityFence(op);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(inputs);
    return y;
  }

  /** As {@link #record(Op, Tensor, Replay, Tensor...)}, for an operation without gradient. */
  public static Tensor record(Class<?> op, Tensor y, Replay again, Tensor... inputs) {
    Trace trace = Context.get().trace;
    if (trace != null) trace.add(op, y, again, inputs);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(inputs);
    return y;
  }

  private static void closeOwned(Op op, Tensor[] inputs, String who) {
    for (Tensor t : op.owned()) if (t != null && !Arrays.asList(inputs).contains(t)) t.close(who);
  }

  /** Whether a gradient will be asked of an operation on these inputs: then it keeps what its gradient needs. */
  public static boolean needed(Tensor... inputs) {
    if (!Context.get().recording) return false;
    for (Tensor x : inputs) if (x != null && x.requiresGrad()) return true;
    return false;
  }

  static void backward(Tensor root, Tensor seed, boolean retain) {
    if (root.node == null) {
      if (!root.requiresGrad()) {
        throw new EinkornException("backward: this tensor does not depend on anything that requires a gradient");
      }
      root.accumulate(seed.share());
      return;
    }
    var queue = new PriorityQueue<Node>((a, b) -> Long.compare(b.order, a.order));
    var inner = Scope.later("backward"); // opened for each operation
    try (var off = new NoGrad(); var outer = new Scope("backward")) {
      add(root.node, seed.share(), queue);
      while (!queue.isEmpty()) step(queue.poll(), queue, retain, inner);
    } finally {
      for (Node n : queue) n.gradient = null;
    }
  }

  /** Takes one node's gradient to its sources. Temporaries of the operation die in the inner scope. */
  private static void step(Node node, PriorityQueue<Node> queue, boolean retain, Scope inner) {
    Op op = node.op;
    if (op == null) {
      throw new EinkornException("backward was already called on this graph, which freed it: "
          + "compute it again, or use backward(true) to keep it");
    }
    checkUnchanged(node, op);
    Tensor gy = node.gradient, there = unsharedGradient(node.sources);
    node.gradient = null;
    Tensor[] gx;
    inner.open();
    try (inner) {
      gx = op.backward(gy, there);
      checkCount(op, gx, node.inputs);
      if (there != null && gx[0] == there) {
        there.touch();
        gx[0] = null;
      }
      for (int i = 0; i < gx.length; i++) {
        if (gx[i] == null || node.sources[i] == null) {
          gx[i] = null;
          continue;
        }
        if (gx[i] == gy || repeated(gx, i) || gx[i].scope() != inner) gx[i] = gx[i].share();
        inner.handOn(gx[i]);
      }
    }
    gy.close("backward");
    for (int i = 0; i < gx.length; i++) {
      if (gx[i] == null) continue;
      check(op, gx[i], node.inputs[i]);
      if (node.sources[i] instanceof Node source) add(source, gx[i], queue);
      else if (node.inputs[i].requiresGrad()) node.inputs[i].accumulate(gx[i]);
      else gx[i].close("backward"); // frozen since the forward pass
    }
    if (!retain) node.free();
    Reference.reachabilityFence(op);
  }

  /** What the first source has from elsewhere, if it may be changed in place; else null. */
  private static Tensor unsharedGradient(Object[] sources) {
    Tensor there = sources.length > 0 && sources[0] instanceof Node first ? first.gradient : null;
    return there == null || there.storage().isShared() ? null : there;
  }

  private static boolean repeated(Tensor[] all, int i) {
    for (int j = 0; j < i; j++) if (all[j] == all[i]) return true;
    return false;
  }

  private static void add(Node node, Tensor g, PriorityQueue<Node> queue) {
    if (node.gradient == null) {
      node.gradient = g;
      queue.add(node);
    } else {
      node.gradient = node.gradient.plusInPlace(g);
    }
  }

  private static void checkUnchanged(Node node, Op op) {
    for (int i = 0; i < node.inputs.length; i++) {
      Tensor x = node.inputs[i];
      if (x != null && x.storage().version() != node.versions[i]) {
        throw new EinkornException("backward of " + name(op) + ": an input of shape " + x.shape()
            + " was changed in place after the forward pass");
      }
    }
    if (node.output.version() != node.outputVersion) {
      throw new EinkornException("backward of " + name(op)
          + ": its output was changed in place after the forward pass");
    }
  }

  private static void checkCount(Op op, Tensor[] gx, Tensor[] inputs) {
    if (gx != null && gx.length == inputs.length) return;
    String came = gx == null ? "null" : gx.length + " gradients";
    throw new EinkornException("backward of " + name(op) + " returned " + came + ": expected one for each of "
        + inputs.length + " inputs, null for those without");
  }

  private static void check(Op op, Tensor g, Tensor x) {
    if (g.dtype() != DType.FLOAT32) {
      throw new DTypeException("backward of " + name(op) + " returned a gradient of " + g.dtype()
          + " for an input of shape " + x.shape() + ": expected " + DType.FLOAT32);
    }
    if (!g.shape().equals(x.shape())) {
      throw new ShapeException("backward of " + name(op) + " returned a gradient of shape " + g.shape()
          + " for an input of shape " + x.shape());
    }
  }

  private static String name(Op op) {
    String simple = op.getClass().getSimpleName();
    return simple.isEmpty() ? op.getClass().getName() : simple; // it is empty of classes without a name
  }
}
