package io.github.einkorn.peers;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** PyTorch's layers, whose parameters belong to one module. ReLU works in place, as in torchvision's nets. */
final class TorchLayers implements Layers<UnaryOperator<Tensor>> {
  final Module module = new Module();
  private int count;

  private <M extends Module> M add(M layer) {
    return module.register_module("layer" + count++, layer);
  }

  static UnaryOperator<Tensor> chain(List<UnaryOperator<Tensor>> layers) {
    return x -> {
      Tensor y = x;
      for (UnaryOperator<Tensor> layer : layers) y = layer.apply(y);
      return y;
    };
  }

  @Override
  public UnaryOperator<Tensor> conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    return conv(in, out, kernel, stride, pad, 1, bias);
  }

  private UnaryOperator<Tensor> conv(int in, int out, int kernel, int stride, int pad, int groups, boolean bias) {
    var options = new Conv2dOptions(in, out, new LongPointer(kernel, kernel));
    options.stride().put(two(stride));
    options.padding().put(new LongPointer(pad, pad));
    options.groups().put(groups);
    options.bias().put(bias);
    return add(new Conv2dImpl(options))::forward;
  }

  @Override
  public UnaryOperator<Tensor> depthwise(int channels, int stride) {
    return conv(channels, channels, 3, stride, 1, channels, false);
  }

  @Override
  public UnaryOperator<Tensor> linear(int in, int out) {
    return add(new LinearImpl(in, out))::forward;
  }

  @Override
  public UnaryOperator<Tensor> batchNorm(int channels) {
    return add(new BatchNorm2dImpl(new BatchNormOptions(channels)))::forward;
  }

  @Override
  public UnaryOperator<Tensor> relu() {
    return torch::relu_;
  }

  @Override
  public UnaryOperator<Tensor> relu6() {
    return torch::relu6_;
  }

  @Override
  public UnaryOperator<Tensor> tanh() {
    return torch::tanh;
  }

  @Override
  public UnaryOperator<Tensor> sigmoid() {
    return torch::sigmoid;
  }

  @Override
  public UnaryOperator<Tensor> maxPool(int kernel, int stride, int pad) {
    return x -> torch.max_pool2d(x, two(kernel), two(stride), two(pad), two(1), false);
  }

  @Override
  public UnaryOperator<Tensor> avgPool(int kernel, int stride) {
    var divisor = new LongOptional();
    return x -> torch.avg_pool2d(x, two(kernel), two(stride), two(0), false, true, divisor);
  }

  @Override
  public UnaryOperator<Tensor> globalAvgPool() {
    return x -> torch.adaptive_avg_pool2d(x, 1, 1).flatten(1, -1);
  }

  @Override
  public UnaryOperator<Tensor> flatten() {
    return x -> x.flatten(1, -1);
  }

  @Override
  public UnaryOperator<Tensor> dropout(double p) {
    return x -> torch.dropout(x, p, module.is_training());
  }

  @Override
  public UnaryOperator<Tensor> residual(List<UnaryOperator<Tensor>> body, List<UnaryOperator<Tensor>> shortcut) {
    UnaryOperator<Tensor> main = chain(body), side = chain(shortcut);
    return x -> main.apply(x).add_(side.apply(x)).relu_();
  }

  @Override
  public UnaryOperator<Tensor> skip(List<UnaryOperator<Tensor>> body) {
    UnaryOperator<Tensor> main = chain(body);
    return x -> main.apply(x).add_(x);
  }

  private static long[] two(long n) {
    return new long[] {n, n};
  }
}
