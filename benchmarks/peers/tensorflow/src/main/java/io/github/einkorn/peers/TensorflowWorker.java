package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.RawOp;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * TensorFlow-Java: a graph that is built once, and one run of its session for a step. Whether its kernels are oneDNN's
 * or Eigen's is said by {@code TF_ENABLE_ONEDNN_OPTS} in the environment, and otherwise up to the processor; there is
 * one configuration, {@code default}.
 */
public final class TensorflowWorker {
  private TensorflowWorker() {}

  public static void main(String[] args) throws Exception {
    Worker.main(args, (task, threads, config) -> {
      var graph = new TensorflowGraph(threads);
      if (task instanceof Op op) return new TensorflowOps(op, graph).worker();
      if (task instanceof Work work) return work(work, graph);
      throw new UnsupportedOperationException(task + " is not written for TensorFlow");
    });
  }

  private static Worker work(Work work, TensorflowGraph g) {
    var layers = new TensorflowLayers(g.tf, work.training());
    Operand<TFloat32> x = g.random(TensorflowGraph.nhwc(work.input()));
    Operand<TFloat32> y = TensorflowLayers.chain(work.net().layers(layers), x);
    if (!work.training()) return g.worker(List.of(), List.of(y));
    var labels = g.labels(work.labels());
    Ops tf = g.tf;
    Operand<TFloat32> loss;
    Output<?>[] gradients;
    if (work.net().classes == 1) {
      var t = tf.reshape(tf.dtypes.cast(labels, TFloat32.class), tf.constant(new int[] {-1, 1}));
      var one = tf.constant(1f);
      var likelihood = tf.math.add(tf.math.mul(t, tf.math.log(y)),
          tf.math.mul(tf.math.sub(one, t), tf.math.log(tf.math.sub(one, y))));
      loss = tf.math.neg(tf.math.mean(likelihood, tf.constant(new int[] {0, 1})));
      gradients = g.graph.addGradients(loss.asOutput(), outputs(layers.parameters));
    } else {
      var crossEntropy = tf.nn.sparseSoftmaxCrossEntropyWithLogits(y, labels);
      loss = tf.math.mean(crossEntropy.loss(), tf.constant(0));
      // the C API knows no gradient of this operation, whose second output it is
      var gy = tf.math.mul(crossEntropy.backprop(), tf.constant(1f / work.batch()));
      gradients = g.graph.addGradients("gradients", outputs(List.of(y)), outputs(layers.parameters),
          outputs(List.of(gy)));
    }
    var targets = new ArrayList<RawOp>(layers.updates);
    targets.addAll(update(tf, work.net().update, layers.parameters, gradients));
    return g.worker(targets, List.of(loss));
  }

  /** The operations that move the parameters. */
  static List<RawOp> update(Ops tf, Net.Update update, List<Operand<TFloat32>> parameters, Output<?>[] gradients) {
    var all = new ArrayList<RawOp>();
    var rate = tf.constant((float) update.rate);
    boolean adam = update == Net.Update.ADAM;
    Operand<TFloat32> b1 = tf.constant(0.9f), b2 = tf.constant(0.999f);
    Operand<TFloat32> power1 = adam ? tf.variable(b1) : null, power2 = adam ? tf.variable(b2) : null;
    for (int i = 0; i < gradients.length; i++) {
      Operand<TFloat32> p = parameters.get(i);
      Operand<TFloat32> gradient = gradients[i].expect(TFloat32.class);
      if (adam) {
        all.add(tf.train.applyAdam(p, zeros(tf, p), zeros(tf, p), power1, power2, rate, b1, b2, tf.constant(1e-8f),
            gradient));
      } else if (update.momentum > 0) {
        all.add(tf.train.applyMomentum(p, zeros(tf, p), rate, gradient, tf.constant((float) update.momentum)));
      } else {
        all.add(tf.train.applyGradientDescent(p, rate, gradient));
      }
    }
    if (adam) {
      Ops after = tf.withControlDependencies(all.toArray(RawOp[]::new));
      all.add(after.assign(power1, after.math.mul(power1, b1)));
      all.add(after.assign(power2, after.math.mul(power2, b2)));
    }
    return all;
  }

  private static Operand<TFloat32> zeros(Ops tf, Operand<TFloat32> like) {
    return tf.variable(tf.zeros(tf.constant(like.shape().asArray()), TFloat32.class));
  }

  private static Output<?>[] outputs(List<Operand<TFloat32>> nodes) {
    return nodes.stream().map(Operand::asOutput).toArray(Output<?>[]::new);
  }
}
