package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.RawOp;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** A graph, and the tensors that are fed to it in every run: were they constants, it would be folded away. */
final class TensorflowGraph {
  private static final SplittableRandom RANDOM = new SplittableRandom(1);

  final Graph graph = new Graph();
  final Ops tf = Ops.create(graph);
  private final List<Placeholder<?>> placeholders = new ArrayList<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final Session session;

  TensorflowGraph(int threads) {
    session = new Session(graph, ConfigProto.newBuilder().setIntraOpParallelismThreads(threads)
        .setInterOpParallelismThreads(threads).build());
  }

  /** A node that is fed random numbers. */
  Operand<TFloat32> random(Shape shape) {
    return feed(TFloat32.class, random(1, shape));
  }

  /** A node that is fed the classes of a batch. */
  Operand<TInt32> labels(long[] y) {
    return feed(TInt32.class, TInt32.tensorOf(Shape.of(y.length), t -> {
      for (int i = 0; i < y.length; i++) t.setInt((int) y[i], i);
    }));
  }

  private <T extends TType> Operand<T> feed(Class<T> type, T tensor) {
    Placeholder<T> p = tf.placeholder(type, Placeholder.shape(tensor.shape()));
    placeholders.add(p);
    tensors.add(tensor);
    return p;
  }

  /** A node that is fed what another one is now. */
  Operand<TFloat32> once(Operand<TFloat32> node) {
    return feed(TFloat32.class, (TFloat32) run(List.of(), List.of(node)).run().get(0));
  }

  /** A worker that computes the targets, and hands out the results. */
  Worker worker(List<? extends RawOp> targets, List<Operand<TFloat32>> results) {
    Session.Runner runner = run(targets, results);
    return () -> runner.run().close();
  }

  private Session.Runner run(List<? extends RawOp> targets, List<Operand<TFloat32>> results) {
    Session.Runner runner = session.runner();
    for (int i = 0; i < tensors.size(); i++) runner.feed(placeholders.get(i), tensors.get(i));
    for (RawOp target : targets) runner.addTarget(target);
    for (Operand<TFloat32> result : results) runner.fetch(result);
    return runner;
  }

  /** PyTorch's extents (N, C, H, W) as (N, H, W, C); others as they are. */
  static Shape nhwc(int... n) {
    return n.length == 4 ? Shape.of(n[0], n[2], n[3], n[1]) : Shape.of(longs(n));
  }

  /** Uniform within a bound. */
  static TFloat32 random(float bound, Shape shape) {
    return TFloat32.tensorOf(shape, t -> {
      var data = t.asRawTensor().data().asFloats();
      for (long i = 0; i < data.size(); i++) data.setFloat((float) RANDOM.nextDouble(-bound, bound), i);
    });
  }

  private static long[] longs(int... n) {
    long[] all = new long[n.length];
    for (int i = 0; i < all.length; i++) all[i] = n[i];
    return all;
  }
}
