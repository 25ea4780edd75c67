package io.github.einkorn.peers;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;

/** Layers as Deeplearning4j configures them; it flattens by itself. */
final class Deeplearning4jLayers implements Layers<List<Layer>> {
  @Override
  public List<Layer> conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    return List.of(new ConvolutionLayer.Builder(kernel, kernel).stride(stride, stride).padding(pad, pad).nIn(in)
        .nOut(out).hasBias(bias).activation(Activation.IDENTITY).build());
  }

  @Override
  public List<Layer> depthwise(int channels, int stride) {
    return List.of(new DepthwiseConvolution2D.Builder(3, 3).stride(stride, stride).padding(1, 1).nIn(channels)
        .hasBias(false).activation(Activation.IDENTITY).build());
  }

  @Override
  public List<Layer> linear(int in, int out) {
    return List.of(new DenseLayer.Builder().nIn(in).nOut(out).activation(Activation.IDENTITY).build());
  }

  @Override
  public List<Layer> batchNorm(int channels) {
    return List.of(new BatchNormalization.Builder().nIn(channels).nOut(channels).build());
  }

  @Override
  public List<Layer> relu() {
    return List.of(new ActivationLayer(Activation.RELU));
  }

  @Override
  public List<Layer> relu6() {
    return List.of(new ActivationLayer(Activation.RELU6));
  }

  @Override
  public List<Layer> tanh() {
    return List.of(new ActivationLayer(Activation.TANH));
  }

  @Override
  public List<Layer> sigmoid() {
    return List.of(new ActivationLayer(Activation.SIGMOID));
  }

  @Override
  public List<Layer> maxPool(int kernel, int stride, int pad) {
    return pool(PoolingType.MAX, kernel, stride, pad);
  }

  @Override
  public List<Layer> avgPool(int kernel, int stride) {
    return pool(PoolingType.AVG, kernel, stride, 0);
  }

  private static List<Layer> pool(PoolingType type, int kernel, int stride, int pad) {
    return List.of(new SubsamplingLayer.Builder(type).kernelSize(kernel, kernel).stride(stride, stride)
        .padding(pad, pad).build());
  }

  @Override
  public List<Layer> globalAvgPool() {
    throw new UnsupportedOperationException("Deeplearning4j is measured on chains of layers");
  }

  @Override
  public List<Layer> flatten() {
    return List.of();
  }

  /** Deeplearning4j asks what is kept, not what is dropped. */
  @Override
  public List<Layer> dropout(double p) {
    return List.of(new DropoutLayer.Builder(1 - p).build());
  }

  @Override
  public List<Layer> residual(List<List<Layer>> body, List<List<Layer>> shortcut) {
    throw new UnsupportedOperationException("Deeplearning4j is measured on chains of layers");
  }

  @Override
  public List<Layer> skip(List<List<Layer>> body) {
    throw new UnsupportedOperationException("Deeplearning4j is measured on chains of layers");
  }
}
