package io.github.einkorn.peers;

import io.github.einkorn.nn.AvgPool2d;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.ReLU6;
import io.github.einkorn.nn.Residual;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Sigmoid;
import io.github.einkorn.nn.Tanh;
import io.github.einkorn.nn.Window;
import java.util.List;

/** Einkorn's layers. */
final class EinkornLayers implements Layers<Layer> {
  @Override
  public Layer conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    var conv = new Conv2d(in, out, Window.of(kernel).stride(stride).pad(pad));
    return bias ? conv : conv.bias(false);
  }

  @Override
  public Layer depthwise(int channels, int stride) {
    return new Conv2d(channels, channels, Window.of(3).stride(stride).pad(1)).groups(channels).bias(false);
  }

  @Override
  public Layer linear(int in, int out) {
    return new Linear(in, out);
  }

  @Override
  public Layer batchNorm(int channels) {
    return new BatchNorm2d(channels);
  }

  @Override
  public Layer relu() {
    return new ReLU();
  }

  @Override
  public Layer relu6() {
    return new ReLU6();
  }

  @Override
  public Layer tanh() {
    return new Tanh();
  }

  @Override
  public Layer sigmoid() {
    return new Sigmoid();
  }

  @Override
  public Layer maxPool(int kernel, int stride, int pad) {
    return new MaxPool2d(Window.of(kernel).stride(stride).pad(pad));
  }

  @Override
  public Layer avgPool(int kernel, int stride) {
    return new AvgPool2d(Window.of(kernel).stride(stride));
  }

  @Override
  public Layer globalAvgPool() {
    return new Sequential(new GlobalAvgPool2d(), new Flatten());
  }

  @Override
  public Layer flatten() {
    return new Flatten();
  }

  @Override
  public Layer dropout(double p) {
    return new Dropout(p);
  }

  @Override
  public Layer residual(List<Layer> body, List<Layer> shortcut) {
    Residual block = skip(body).relu(true);
    return shortcut.isEmpty() ? block : block.shortcut("shortcut", new Sequential(shortcut.toArray(Layer[]::new)));
  }

  @Override
  public Residual skip(List<Layer> body) {
    return new Residual(body.toArray(Layer[]::new));
  }
}
