package io.github.einkorn;

import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;

/** What the graph of a result keeps for its gradient: the tensors among the components of its operations. */
public final class Kept {
  private Kept() {}

  /** Bytes by address. */
  public static Map<Long, Long> bytes(Tensor y) {
    var bytes = new HashMap<Long, Long>();
    if (y.node != null) collect(y.node, bytes);
    return bytes;
  }

  private static void collect(Graph.Node node, Map<Long, Long> bytes) {
    try {
      for (RecordComponent c : node.op.getClass().getRecordComponents()) {
        if (c.getAccessor().invoke(node.op) instanceof Tensor t) bytes.put(t.address(), t.size() * t.dtype().bytes());
      }
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    for (Object source : node.sources) if (source instanceof Graph.Node n) collect(n, bytes);
  }
}
