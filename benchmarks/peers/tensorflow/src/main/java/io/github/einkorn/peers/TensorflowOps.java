package io.github.einkorn.peers;

import java.util.List;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.RawOp;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.op.nn.FusedBatchNormGrad;
import org.tensorflow.op.nn.MaxPool;
import org.tensorflow.op.nn.ReluGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Single operations of TensorFlow, and those that its gradients are made of. */
final class TensorflowOps {
  private final Op op;
  private final TensorflowGraph g;
  private final Ops tf;
  private final Operand<TFloat32> x;

  TensorflowOps(Op op, TensorflowGraph g) {
    this.op = op;
    this.g = g;
    tf = g.tf;
    x = random(op.input());
  }

  Worker worker() {
    return switch (op.kind()) {
      case CONV -> run(op.g() == 1 ? conv() : depthwise());
      case MAX_POOL, AVG_POOL -> run(pool());
      case BATCH_NORM -> run(batchNorm());
      case LINEAR -> run(linear());
      case RELU -> run(forward() ? tf.nn.relu(x) : ReluGrad.create(tf.scope(), gy(), g.once(tf.nn.relu(x))));
      case SOFTMAX_CE -> softmaxCrossEntropy();
      case ADAM -> {
        Operand<TFloat32> p = tf.variable(tf.zeros(tf.constant(op.input()), TFloat32.class));
        yield g.worker(TensorflowWorker.update(tf, Net.Update.ADAM, List.of(p), new Output<?>[] {gy().asOutput()}),
            List.of());
      }
      case ADD -> add();
    };
  }

  private Worker run(RawOp node) {
    return g.worker(List.of(node), List.of());
  }

  private boolean forward() {
    return op.direction() == Op.Direction.FORWARD;
  }

  private boolean data() {
    return op.direction() == Op.Direction.BACKWARD_DATA;
  }

  private Operand<TFloat32> random(int... extents) {
    return g.random(TensorflowGraph.nhwc(extents));
  }

  private Operand<TFloat32> gy() {
    return random(op.output());
  }

  private Operand<TFloat32> channels(float value) {
    return tf.fill(tf.constant(new int[] {op.c()}), tf.constant(value));
  }

  private RawOp conv() {
    List<Long> strides = TensorflowLayers.extents(op.s());
    String padding = TensorflowLayers.padding(op.k(), op.pad());
    Operand<TFloat32> w = g.random(Shape.of(op.k(), op.k(), op.c(), op.o()));
    if (forward()) return tf.nn.conv2d(x, w, strides, padding);
    return data() ? tf.nn.conv2dBackpropInput(extents(x), w, gy(), strides, padding)
        : tf.nn.conv2dBackpropFilter(x, extents(w), gy(), strides, padding);
  }

  private RawOp depthwise() {
    List<Long> strides = TensorflowLayers.extents(op.s());
    String padding = TensorflowLayers.padding(op.k(), op.pad());
    Operand<TFloat32> w = g.random(Shape.of(op.k(), op.k(), op.c(), 1));
    if (forward()) return tf.nn.depthwiseConv2dNative(x, w, strides, padding);
    return data() ? tf.nn.depthwiseConv2dNativeBackpropInput(extents(x), w, gy(), strides, padding)
        : tf.nn.depthwiseConv2dNativeBackpropFilter(x, extents(w), gy(), strides, padding);
  }

  private RawOp pool() {
    List<Long> window = TensorflowLayers.extents(op.k()), strides = TensorflowLayers.extents(op.s());
    if (op.kind() == Op.Kind.AVG_POOL) {
      return forward() ? tf.nn.avgPool(x, window, strides, "VALID")
          : tf.nn.avgPoolGrad(extents(x), gy(), window, strides, "VALID");
    }
    Operand<TInt32> k = tf.constant(new int[] {1, op.k(), op.k(), 1});
    Operand<TInt32> s = tf.constant(new int[] {1, op.s(), op.s(), 1});
    MaxPool<TFloat32> y = tf.nn.maxPool(x, k, s, "VALID");
    return forward() ? y : tf.nn.maxPoolGrad(x, g.once(y), gy(), k, s, "VALID");
  }

  private RawOp batchNorm() {
    Operand<TFloat32> mean = tf.variable(channels(0)), variance = tf.variable(channels(1));
    var y = tf.nn.fusedBatchNorm(x, channels(1), channels(0), mean, variance, FusedBatchNorm.isTraining(true),
        FusedBatchNorm.epsilon(1e-5f), FusedBatchNorm.exponentialAvgFactor(0.1f));
    if (forward()) return tf.withControlDependencies(
        tf.assign(mean, y.batchMean()), tf.assign(variance, y.batchVariance())).noOp();
    return tf.nn.fusedBatchNormGrad(gy(), x, channels(1), g.once(y.reserveSpace1()), g.once(y.reserveSpace2()),
        g.once(y.reserveSpace3()), FusedBatchNormGrad.isTraining(true), FusedBatchNormGrad.epsilon(1e-5f));
  }

  /** y = x w + b: weights are (in, out) here. */
  private RawOp linear() {
    Operand<TFloat32> w = random(op.c(), op.o());
    if (forward()) return tf.nn.biasAdd(tf.linalg.matMul(x, w), random(op.o()));
    return data() ? tf.linalg.matMul(gy(), w, MatMul.transposeB(true))
        : tf.linalg.matMul(x, gy(), MatMul.transposeA(true));
  }

  private Worker softmaxCrossEntropy() {
    var y = tf.nn.sparseSoftmaxCrossEntropyWithLogits(x, g.labels(op.labels()));
    return g.worker(List.of(tf.math.mul(y.backprop(), tf.constant(1f / op.n()))),
        List.of(tf.math.mean(y.loss(), tf.constant(0))));
  }

  /** Eagerly, as the sum of two vectors is written. */
  private Worker add() {
    Ops eager = Ops.create(EagerSession.getDefault());
    Operand<TFloat32> a = eager.constantOf(TensorflowGraph.random(1, Shape.of(op.c())));
    return () -> eager.math.add(a, a).asTensor().close();
  }

  private Operand<TInt32> extents(Operand<TFloat32> node) {
    long[] all = node.shape().asArray();
    int[] extents = new int[all.length];
    for (int i = 0; i < all.length; i++) extents[i] = (int) all[i];
    return tf.constant(extents);
  }
}
