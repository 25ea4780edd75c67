package io.github.einkorn.parity;

import java.util.function.Consumer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.AdaptiveAvgPool2dImpl;
import org.bytedeco.pytorch.AdaptiveAvgPool2dOptions;
import org.bytedeco.pytorch.AvgPool2dImpl;
import org.bytedeco.pytorch.AvgPool2dOptions;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.ELUImpl;
import org.bytedeco.pytorch.ELUOptions;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.EmbeddingOptions;
import org.bytedeco.pytorch.FlattenImpl;
import org.bytedeco.pytorch.FoldImpl;
import org.bytedeco.pytorch.FoldOptions;
import org.bytedeco.pytorch.GELUImpl;
import org.bytedeco.pytorch.GELUOptions;
import org.bytedeco.pytorch.IdentityImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LeakyReLUImpl;
import org.bytedeco.pytorch.LeakyReLUOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.LocalResponseNormImpl;
import org.bytedeco.pytorch.LocalResponseNormOptions;
import org.bytedeco.pytorch.LogSoftmaxImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.MaxPool2dImpl;
import org.bytedeco.pytorch.MaxPool2dOptions;
import org.bytedeco.pytorch.ReLU6Impl;
import org.bytedeco.pytorch.ReLUImpl;
import org.bytedeco.pytorch.SequentialImpl;
import org.bytedeco.pytorch.SiLUImpl;
import org.bytedeco.pytorch.SigmoidImpl;
import org.bytedeco.pytorch.SoftmaxImpl;
import org.bytedeco.pytorch.TanhImpl;
import org.bytedeco.pytorch.UnfoldImpl;
import org.bytedeco.pytorch.UnfoldOptions;

/** PyTorch's layers one after the other; options are PyTorch's own objects, with its defaults. */
final class Stack {
  final SequentialImpl layers = new SequentialImpl();

  static LongPointer pair(int a, int b) {
    return new LongPointer(a, b);
  }

  /** Sets an option of two numbers; {@code p.put(a, b)} would write b at index a. */
  static void set(LongPointer p, int a, int b) {
    p.put(0, a).put(1, b);
  }

  Stack conv(int in, int out, int kernel) {
    return conv(in, out, kernel, o -> {});
  }

  Stack conv(int in, int out, int kernel, Consumer<Conv2dOptions> change) {
    return conv(in, out, kernel, kernel, change);
  }

  Stack conv(int in, int out, int height, int width, Consumer<Conv2dOptions> change) {
    var options = new Conv2dOptions(in, out, pair(height, width));
    change.accept(options);
    layers.push_back(new Conv2dImpl(options));
    return this;
  }

  static Consumer<Conv2dOptions> pad(int vertical, int horizontal) {
    return o -> o.padding().put(pair(vertical, horizontal));
  }

  static Consumer<Conv2dOptions> pad(int both) {
    return pad(both, both);
  }

  static Consumer<Conv2dOptions> stride(int both) {
    return o -> set(o.stride(), both, both);
  }

  Stack linear(int in, int out) {
    return linear(in, out, true);
  }

  Stack linear(int in, int out, boolean bias) {
    var options = new LinearOptions(in, out);
    options.bias().put(bias);
    layers.push_back(new LinearImpl(options));
    return this;
  }

  Stack maxPool(int kernel) {
    return maxPool(kernel, kernel, o -> {});
  }

  Stack maxPool(int height, int width, Consumer<MaxPool2dOptions> change) {
    var options = new MaxPool2dOptions(pair(height, width));
    change.accept(options);
    layers.push_back(new MaxPool2dImpl(options));
    return this;
  }

  Stack avgPool(int kernel) {
    return avgPool(kernel, kernel, o -> {});
  }

  Stack avgPool(int height, int width, Consumer<AvgPool2dOptions> change) {
    var options = new AvgPool2dOptions(pair(height, width));
    change.accept(options);
    layers.push_back(new AvgPool2dImpl(options));
    return this;
  }

  /** {@code AdaptiveAvgPool2d(1)}; the preset has no array of two optionals, which are (1, present) each. */
  Stack globalAvgPool() {
    var ones = new LongOptional(new LongPointer(1, 1, 1, 1));
    layers.push_back(new AdaptiveAvgPool2dImpl(new AdaptiveAvgPool2dOptions(ones)));
    return this;
  }

  Stack batchNorm1d(int features, Consumer<BatchNormOptions> change) {
    layers.push_back(new BatchNorm1dImpl(batchNorm(features, change)));
    return this;
  }

  Stack batchNorm2d(int features) {
    return batchNorm2d(features, o -> {});
  }

  Stack batchNorm2d(int features, Consumer<BatchNormOptions> change) {
    layers.push_back(new BatchNorm2dImpl(batchNorm(features, change)));
    return this;
  }

  private static BatchNormOptions batchNorm(int features, Consumer<BatchNormOptions> change) {
    var options = new BatchNormOptions(features);
    change.accept(options);
    return options;
  }

  Stack layerNorm(long[] shape, Consumer<LayerNormOptions> change) {
    var options = new LayerNormOptions(new LongVector(shape));
    change.accept(options);
    layers.push_back(new LayerNormImpl(options));
    return this;
  }

  Stack localResponseNorm(int size, double alpha, double beta, double k) {
    var options = new LocalResponseNormOptions(size);
    options.alpha().put(alpha);
    options.beta().put(beta);
    options.k().put(k);
    layers.push_back(new LocalResponseNormImpl(options));
    return this;
  }

  Stack embedding(int number, int dimension, Consumer<EmbeddingOptions> change) {
    var options = new EmbeddingOptions(number, dimension);
    change.accept(options);
    layers.push_back(new EmbeddingImpl(options));
    return this;
  }

  Stack unfold(int height, int width, Consumer<UnfoldOptions> change) {
    var options = new UnfoldOptions(pair(height, width));
    change.accept(options);
    layers.push_back(new UnfoldImpl(options));
    return this;
  }

  Stack fold(int outHeight, int outWidth, int height, int width, Consumer<FoldOptions> change) {
    var options = new FoldOptions(pair(outHeight, outWidth), pair(height, width));
    change.accept(options);
    layers.push_back(new FoldImpl(options));
    return this;
  }

  Stack elu(double alpha) {
    var options = new ELUOptions();
    options.alpha().put(alpha);
    layers.push_back(new ELUImpl(options));
    return this;
  }

  Stack gelu(String approximate) {
    var options = new GELUOptions();
    options.approximate(approximate);
    layers.push_back(new GELUImpl(options));
    return this;
  }

  Stack silu() {
    layers.push_back(new SiLUImpl());
    return this;
  }

  Stack relu() {
    layers.push_back(new ReLUImpl());
    return this;
  }

  Stack relu6() {
    layers.push_back(new ReLU6Impl());
    return this;
  }

  Stack leakyRelu(double slope) {
    var options = new LeakyReLUOptions();
    options.negative_slope().put(slope);
    layers.push_back(new LeakyReLUImpl(options));
    return this;
  }

  Stack sigmoid() {
    layers.push_back(new SigmoidImpl());
    return this;
  }

  Stack tanh() {
    layers.push_back(new TanhImpl());
    return this;
  }

  Stack softmax(int dim) {
    layers.push_back(new SoftmaxImpl(dim));
    return this;
  }

  Stack logSoftmax(int dim) {
    layers.push_back(new LogSoftmaxImpl(dim));
    return this;
  }

  Stack flatten() {
    layers.push_back(new FlattenImpl());
    return this;
  }

  Stack identity() {
    layers.push_back(new IdentityImpl());
    return this;
  }

  Stack dropout(double p) {
    layers.push_back(new DropoutImpl(p));
    return this;
  }
}
