package io.github.einkorn.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.RawOp;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.types.TFloat32;

/**
 * Layers as functions of a node of TensorFlow's graph, in its NHWC format: its CPU kernels train in no other. Weights
 * are variables when a net is trained, and constants when it is only run, so that the graph optimizer may fold them.
 */
final class TensorflowLayers implements Layers<UnaryOperator<Operand<TFloat32>>> {
  private final Ops tf;
  private final boolean training;

  /** The variables that are trained. */
  final List<Operand<TFloat32>> parameters = new ArrayList<>();

  /** What else a training step has to run: the running statistics of batch-norm. */
  final List<RawOp> updates = new ArrayList<>();

  TensorflowLayers(Ops tf, boolean training) {
    this.tf = tf;
    this.training = training;
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    int fanIn = in * kernel * kernel;
    Operand<TFloat32> w = uniform(fanIn, kernel, kernel, in, out);
    Operand<TFloat32> b = bias ? uniform(fanIn, out) : null;
    return x -> {
      Operand<TFloat32> y = tf.nn.conv2d(x, w, extents(stride), padding(kernel, pad));
      return bias ? tf.nn.biasAdd(y, b) : y;
    };
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> depthwise(int channels, int stride) {
    Operand<TFloat32> w = uniform(9, 3, 3, channels, 1);
    return x -> tf.nn.depthwiseConv2dNative(x, w, extents(stride), "SAME");
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> linear(int in, int out) {
    Operand<TFloat32> w = uniform(in, in, out);
    Operand<TFloat32> b = uniform(in, out);
    return x -> tf.nn.biasAdd(tf.linalg.matMul(x, w), b);
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> batchNorm(int channels) {
    Operand<TFloat32> gamma = parameter(filled(1, channels));
    Operand<TFloat32> beta = parameter(filled(0, channels));
    Operand<TFloat32> mean = state(filled(0, channels));
    Operand<TFloat32> variance = state(filled(1, channels));
    return x -> {
      var y = tf.nn.fusedBatchNorm(x, gamma, beta, mean, variance, FusedBatchNorm.isTraining(training),
          FusedBatchNorm.epsilon(1e-5f), FusedBatchNorm.exponentialAvgFactor(training ? 0.1f : 1));
      if (training) {
        updates.add(tf.assign(mean, y.batchMean()));
        updates.add(tf.assign(variance, y.batchVariance()));
      }
      return y.y();
    };
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> relu() {
    return tf.nn::relu;
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> relu6() {
    return tf.nn::relu6;
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> tanh() {
    return tf.math::tanh;
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> sigmoid() {
    return tf.math::sigmoid;
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> maxPool(int kernel, int stride, int pad) {
    int[] window = {1, kernel, kernel, 1};
    int[] strides = {1, stride, stride, 1};
    return x -> tf.nn.maxPool(x, tf.constant(window), tf.constant(strides), padding(kernel, pad));
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> avgPool(int kernel, int stride) {
    return x -> tf.nn.avgPool(x, extents(kernel), extents(stride), "VALID");
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> globalAvgPool() {
    return x -> tf.math.mean(x, tf.constant(new int[] {1, 2}));
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> flatten() {
    return x -> {
      Shape s = x.shape();
      return tf.reshape(x, tf.constant(new long[] {s.get(0), s.size() / s.get(0)}));
    };
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> dropout(double p) {
    if (!training) return x -> x;
    float keep = (float) (1 - p);
    return x -> {
      Operand<TFloat32> u = tf.random.randomUniform(tf.constant(x.shape().asArray()), TFloat32.class);
      Operand<TFloat32> mask = tf.math.floor(tf.math.add(u, tf.constant(keep)));
      return tf.math.mul(x, tf.math.mul(mask, tf.constant(1 / keep)));
    };
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> residual(
      List<UnaryOperator<Operand<TFloat32>>> body, List<UnaryOperator<Operand<TFloat32>>> shortcut) {
    return x -> tf.nn.relu(tf.math.add(chain(body, x), chain(shortcut, x)));
  }

  @Override
  public UnaryOperator<Operand<TFloat32>> skip(List<UnaryOperator<Operand<TFloat32>>> body) {
    return x -> tf.math.add(chain(body, x), x);
  }

  /** The layers in order. */
  static Operand<TFloat32> chain(List<UnaryOperator<Operand<TFloat32>>> layers, Operand<TFloat32> x) {
    for (var layer : layers) x = layer.apply(x);
    return x;
  }

  /** (1, n, n, 1): a window or its strides. */
  static List<Long> extents(long n) {
    return List.of(1L, n, n, 1L);
  }

  /**
   * TensorFlow's word for a padding. Its SAME is k / 2 on both sides but for strides above 1, where it pads one pixel
   * less at the front: the shapes and the work are the same.
   */
  static String padding(int kernel, int pad) {
    if (pad == 0) return "VALID";
    if (2 * pad == kernel - 1) return "SAME";
    throw new IllegalArgumentException("padding " + pad + " of a window of " + kernel + " is neither none nor same");
  }

  /** Uniform within 1 / sqrt(fanIn), as PyTorch starts. */
  private Operand<TFloat32> uniform(int fanIn, long... shape) {
    float bound = (float) (1 / Math.sqrt(fanIn));
    if (!training) return tf.constantOf(TensorflowGraph.random(bound, Shape.of(shape)));
    Operand<TFloat32> u = tf.random.randomUniform(tf.constant(shape), TFloat32.class);
    return parameter(tf.math.mul(tf.math.sub(u, tf.constant(0.5f)), tf.constant(2 * bound)));
  }

  private Operand<TFloat32> filled(float value, int n) {
    float[] all = new float[n];
    Arrays.fill(all, value);
    return tf.constant(all);
  }

  private Operand<TFloat32> parameter(Operand<TFloat32> start) {
    Operand<TFloat32> p = state(start);
    if (training) parameters.add(p);
    return p;
  }

  private Operand<TFloat32> state(Operand<TFloat32> start) {
    return training ? tf.variable(start) : start;
  }
}
