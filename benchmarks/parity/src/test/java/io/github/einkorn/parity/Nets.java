package io.github.einkorn.parity;

import static io.github.einkorn.parity.Stack.pad;
import static io.github.einkorn.parity.Stack.stride;

import io.github.einkorn.nn.AvgPool2d;
import io.github.einkorn.nn.BatchNorm1d;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Identity;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.LeakyReLU;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.LogSoftmax;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Model;
import io.github.einkorn.nn.Node;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Residual;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Sigmoid;
import io.github.einkorn.nn.Softmax;
import io.github.einkorn.nn.Tanh;
import io.github.einkorn.nn.Window;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.SequentialImpl;
import org.bytedeco.pytorch.global.torch;

/** The whole nets, in Einkorn and in PyTorch. */
final class Nets {
  private Nets() {}

  static Sequential mlp() {
    return new Sequential(new Linear(784, 256), new ReLU(), new Linear(256, 256), new ReLU(), new Linear(256, 10));
  }

  static Stack mlp(Stack s) {
    return s.linear(784, 256).relu().linear(256, 256).relu().linear(256, 10);
  }

  static Sequential simpleConvNet() {
    return new Sequential(new Conv2d(1, 30, 5), new ReLU(), new MaxPool2d(2), new Flatten(),
        new Linear(30 * 12 * 12, 100), new ReLU(), new Linear(100, 10));
  }

  static Stack simpleConvNet(Stack s) {
    return s.conv(1, 30, 5).relu().maxPool(2).flatten().linear(30 * 12 * 12, 100).relu().linear(100, 10);
  }

  static Sequential leNet() {
    return new Sequential(new Conv2d(1, 6, Window.of(5).pad(2)), new Tanh(), new AvgPool2d(2), new Conv2d(6, 16, 5),
        new Tanh(), new AvgPool2d(2), new Conv2d(16, 120, 5), new Tanh(), new Flatten(), new Linear(120, 84),
        new Tanh(), new Linear(84, 10));
  }

  static Stack leNet(Stack s) {
    return s.conv(1, 6, 5, pad(2)).tanh().avgPool(2).conv(6, 16, 5).tanh().avgPool(2).conv(16, 120, 5).tanh()
        .flatten().linear(120, 84).tanh().linear(84, 10);
  }

  /** Without its dropout, which draws differently in every library. */
  static Sequential fashionCnn() {
    return new Sequential(new Conv2d(1, 32, Window.of(3).pad(1)), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
        new Conv2d(32, 64, 3), new BatchNorm2d(64), new ReLU(), new MaxPool2d(2), new Flatten(),
        new Linear(64 * 6 * 6, 600), new Dropout(0), new Linear(600, 120), new Linear(120, 10));
  }

  static Stack fashionCnn(Stack s) {
    return s.conv(1, 32, 3, pad(1)).batchNorm2d(32).relu().maxPool(2).conv(32, 64, 3).batchNorm2d(64).relu()
        .maxPool(2).flatten().linear(64 * 6 * 6, 600).dropout(0).linear(600, 120).linear(120, 10);
  }

  static Sequential everyLayer() {
    return new Sequential(new Conv2d(3, 8, Window.same(3)), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2),
        new Conv2d(8, 16, Window.of(3).pad(1)).groups(2), new LeakyReLU(0.1), new AvgPool2d(2), new Identity(),
        new Conv2d(16, 32, 3), new Sigmoid(), new Softmax(1), new GlobalAvgPool2d(), new Flatten(), new Linear(32, 24),
        new BatchNorm1d(24), new Tanh(), new Dropout(0), new Linear(24, 10), new LogSoftmax(1));
  }

  static Stack everyLayer(Stack s) {
    return s.conv(3, 8, 3, pad(1)).batchNorm2d(8).relu().maxPool(2)
        .conv(8, 16, 3, pad(1).andThen(o -> o.groups().put(2))).leakyRelu(0.1).avgPool(2).identity()
        .conv(16, 32, 3).sigmoid().softmax(1).globalAvgPool().flatten().linear(32, 24)
        .batchNorm1d(24, o -> {}).tanh().dropout(0).linear(24, 10).logSoftmax(1);
  }

  // ---- a tower called twice, with what is between added, multiplied and joined ----

  static Model towers() {
    var x = io.github.einkorn.nn.Input.of(3, 12, 12);
    var tower = new Conv2d(3, 3, Window.of(3).pad(1));
    var once = x.then("tower", tower).then("norm", new BatchNorm2d(3)).relu();
    var twice = once.then(tower).add(x).relu();
    var joined = Node.cat(1, once, twice, once.mul(x), twice.then(new MaxPool2d(1)));
    return Model.of(x, joined.flatten().then("head", new Linear(4 * 432, 10)));
  }

  static Library.Model<org.bytedeco.pytorch.Tensor> towers(Torch t) {
    var root = new Module();
    var options = new Conv2dOptions(3, 3, Stack.pair(3, 3));
    pad(1).accept(options);
    var tower = new Conv2dImpl(options);
    var norm = new BatchNorm2dImpl(new BatchNormOptions(3));
    var head = new LinearImpl(new LinearOptions(4 * 432, 10));
    root.register_module("tower", tower);
    root.register_module("norm", norm);
    root.register_module("head", head);
    return t.model(root, x -> {
      var once = torch.relu(norm.forward(tower.forward(x)));
      var twice = torch.relu(tower.forward(once).add(x));
      var joined = torch.cat(Torch.vector(List.of(once, twice, once.mul(x), twice)), 1);
      return head.forward(joined.reshape(x.size(0), 4 * 432));
    });
  }

  // ---- ResNet-18 (He et al. 2016) ----

  private static Conv2d conv(int in, int out, int kernel, int stride) {
    return new Conv2d(in, out, Window.of(kernel).pad(kernel / 2).stride(stride)).bias(false);
  }

  private static Stack conv(Stack s, int in, int out, int kernel, int stride) {
    return s.conv(in, out, kernel, pad(kernel / 2).andThen(stride(stride)).andThen(o -> o.bias().put(false)));
  }

  private static Residual block(int in, int out, int stride) {
    var block = new Residual();
    block.add("main", new Sequential(conv(in, out, 3, stride), new BatchNorm2d(out), new ReLU(),
        conv(out, out, 3, 1), new BatchNorm2d(out)));
    if (in != out) block.shortcut("downsample", new Sequential(conv(in, out, 1, stride), new BatchNorm2d(out)));
    return block.relu(true);
  }

  static Layer resNet18() {
    var s = new Sequential().add("stem", new Sequential(conv(3, 64, 7, 2), new BatchNorm2d(64), new ReLU(),
        new MaxPool2d(Window.of(3).stride(2).pad(1))));
    int in = 64;
    for (int out = 64; out <= 512; in = out, out *= 2) {
      s.add("a" + out, block(in, out, in == out ? 1 : 2)).add("b" + out, block(out, out, 1));
    }
    return s.add("head", new Sequential(new GlobalAvgPool2d(), new Flatten(), new Linear(512, 10)));
  }

  private static final class TorchBlock {
    final Module module = new Module();
    final SequentialImpl main;
    final SequentialImpl downsample;

    TorchBlock(Module parent, String name, int in, int out, int stride) {
      parent.register_module(name, module);
      Stack m = conv(conv(new Stack(), in, out, 3, stride).batchNorm2d(out).relu(), out, out, 3, 1).batchNorm2d(out);
      main = module.register_module("main", m.layers);
      downsample = in == out ? null
          : module.register_module("downsample", conv(new Stack(), in, out, 1, stride).batchNorm2d(out).layers);
    }

    org.bytedeco.pytorch.Tensor forward(org.bytedeco.pytorch.Tensor x) {
      return torch.relu(main.forward(x).add(downsample == null ? x : downsample.forward(x)));
    }
  }

  static Library.Model<org.bytedeco.pytorch.Tensor> resNet18(Torch t) {
    var root = new Module();
    Stack stem = conv(new Stack(), 3, 64, 7, 2).batchNorm2d(64).relu().maxPool(3, 3, o -> {
      Stack.set(o.stride(), 2, 2);
      Stack.set(o.padding(), 1, 1);
    });
    root.register_module("stem", stem.layers);
    var blocks = new ArrayList<TorchBlock>();
    int in = 64;
    for (int out = 64; out <= 512; in = out, out *= 2) {
      blocks.add(new TorchBlock(root, "a" + out, in, out, in == out ? 1 : 2));
      blocks.add(new TorchBlock(root, "b" + out, out, out, 1));
    }
    Stack head = new Stack().globalAvgPool().flatten().linear(512, 10);
    root.register_module("head", head.layers);
    return t.model(root, x -> {
      var h = stem.layers.forward(x);
      for (TorchBlock b : blocks) h = b.forward(h);
      return head.layers.forward(h);
    });
  }
}
