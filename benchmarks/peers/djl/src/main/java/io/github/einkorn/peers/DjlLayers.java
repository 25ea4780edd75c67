package io.github.einkorn.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/** Layers as DJL's blocks. */
final class DjlLayers implements Layers<Block> {
  private static Shape square(int n) {
    return new Shape(n, n);
  }

  static Block chain(List<Block> layers) {
    var all = new SequentialBlock();
    layers.forEach(all::add);
    return all;
  }

  @Override
  public Block conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    return conv(out, kernel, stride, pad).optBias(bias).build();
  }

  private static Conv2d.Builder conv(int out, int kernel, int stride, int pad) {
    return Conv2d.builder().setKernelShape(square(kernel)).setFilters(out).optStride(square(stride))
        .optPadding(square(pad));
  }

  @Override
  public Block depthwise(int channels, int stride) {
    return conv(channels, 3, stride, 1).optGroups(channels).optBias(false).build();
  }

  @Override
  public Block linear(int in, int out) {
    return Linear.builder().setUnits(out).build();
  }

  @Override
  public Block batchNorm(int channels) {
    return BatchNorm.builder().build();
  }

  @Override
  public Block relu() {
    return Activation.reluBlock();
  }

  @Override
  public Block relu6() {
    return new LambdaBlock(x -> new NDList(x.singletonOrThrow().clip(0, 6)));
  }

  @Override
  public Block tanh() {
    return Activation.tanhBlock();
  }

  @Override
  public Block sigmoid() {
    return Activation.sigmoidBlock();
  }

  @Override
  public Block maxPool(int kernel, int stride, int pad) {
    return Pool.maxPool2dBlock(square(kernel), square(stride), square(pad));
  }

  @Override
  public Block avgPool(int kernel, int stride) {
    return Pool.avgPool2dBlock(square(kernel), square(stride));
  }

  @Override
  public Block globalAvgPool() {
    return chain(List.of(Pool.globalAvgPool2dBlock(), flatten()));
  }

  @Override
  public Block flatten() {
    return Blocks.batchFlattenBlock();
  }

  @Override
  public Block dropout(double p) {
    return Dropout.builder().optRate((float) p).build();
  }

  @Override
  public Block skip(List<Block> body) {
    return new ParallelBlock(
        outputs -> new NDList(outputs.get(0).singletonOrThrow().add(outputs.get(1).singletonOrThrow())),
        List.of(chain(body), Blocks.identityBlock()));
  }

  @Override
  public Block residual(List<Block> body, List<Block> shortcut) {
    return new ParallelBlock(outputs -> {
      NDArray a = outputs.get(0).singletonOrThrow(), b = outputs.get(1).singletonOrThrow();
      return new NDList(Activation.relu(a.add(b)));
    }, List.of(chain(body), shortcut.isEmpty() ? Blocks.identityBlock() : chain(shortcut)));
  }
}
