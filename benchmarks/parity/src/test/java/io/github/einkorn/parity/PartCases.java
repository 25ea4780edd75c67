package io.github.einkorn.parity;

import static io.github.einkorn.parity.Case.loss;
import static io.github.einkorn.parity.Case.parts;

import io.github.einkorn.models.LeNet5;
import io.github.einkorn.nn.Concat;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dbn;
import io.github.einkorn.nn.RBF;
import io.github.einkorn.nn.RBFLoss;
import io.github.einkorn.nn.Rbm;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.ScaledTanh;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.SparseConv2d;
import io.github.einkorn.nn.Subsample2d;
import io.github.einkorn.nn.Window;
import io.github.einkorn.parity.Library.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layers that PyTorch has not, put together from its operations. */
final class PartCases {
  private static final int[][] TABLE = {{0, 1, 2}, {3}, {2, 0}, {3, 2, 1, 0}};

  private PartCases() {}

  static Stream<Case> all() {
    return Stream.of(
        parts("Concat", "2x3x7x8", () -> new Concat(1, new Sequential(new Conv2d(3, 4, 1), new ReLU()),
            new Sequential(new Conv2d(3, 5, Window.same(3)), new ReLU())), PartCases::concat),
        parts("Subsample2d", "2x6x8x10", () -> new Subsample2d(6, 2), PartCases::subsample),
        parts("ScaledTanh", "20x30", ScaledTanh::new, t -> t.model(new Module(),
            x -> x.mul(number(2.0 / 3)).tanh().mul(number(1.7159)))),
        parts("SparseConv2d", "2x4x9x8", () -> new SparseConv2d(4, TABLE, Window.of(3)), PartCases::sparse),
        parts("RBF", "7x84", RBF::digits, t -> rbf(t, false)),
        parts("RBF trainable", "7x84", () -> RBF.digits().trainable(true), t -> rbf(t, true)),
        parts("Rbm", "7x20", () -> new Rbm(20, 12), PartCases::rbm),
        parts("Dbn", "7x20", () -> new Dbn(20, 12, 5), PartCases::dbn),
        rbfLoss("RBFLoss", Double.POSITIVE_INFINITY), rbfLoss("RBFLoss 2", 2), rbfLoss("RBFLoss 50", 50),
        Case.netOf("LeNet5 modern", "16x1x28x28", LeNet5::modern, PartCases::leNet, "SGD"));
  }

  private static Scalar number(double v) {
    return new Scalar(v);
  }

  private static Tensor parameter(Module m, String name, long... shape) {
    Tensor t = torch.zeros(shape); // what register_parameter returns moves with the next one
    m.register_parameter(name, t, true);
    return t;
  }

  private static Model<Tensor> concat(Torch t) {
    var root = new Module();
    Stack one = new Stack().conv(3, 4, 1).relu(), three = new Stack().conv(3, 5, 3, Stack.pad(1)).relu();
    root.register_module("0", one.layers);
    root.register_module("1", three.layers);
    return t.model(root, x -> torch.cat(Torch.vector(List.of(one.layers.forward(x), three.layers.forward(x))), 1));
  }

  private static Model<Tensor> subsample(Torch t) {
    var root = new Module();
    Tensor a = parameter(root, "weight", 6), b = parameter(root, "bias", 6);
    return t.model(root, x -> torch.avg_pool2d(x, 2, 2).mul(a.reshape(1, 6, 1, 1)).add(b.reshape(1, 6, 1, 1)));
  }

  /** Each output map by itself. */
  private static Model<Tensor> sparse(Torch t) {
    var root = new Module();
    Tensor w = parameter(root, "weight", 10, 3, 3), b = parameter(root, "bias", 4);
    return t.model(root, x -> {
      var maps = new ArrayList<Tensor>();
      int kernel = 0;
      for (int o = 0; o < TABLE.length; o++) {
        int n = TABLE[o].length;
        Tensor seen = x.index_select(1, torch.tensor(Torch.longs(TABLE[o])));
        maps.add(torch.conv2d(seen, w.narrow(0, kernel, n).unsqueeze(0), new TensorOptional(b.narrow(0, o, 1)),
            new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1}, 1));
        kernel += n;
      }
      return torch.cat(Torch.vector(maps), 1);
    });
  }

  private static Model<Tensor> rbf(Torch t, boolean trainable) {
    var root = new Module();
    Tensor w = trainable ? parameter(root, "weight", 10, 84) : torch.zeros(10, 84);
    if (!trainable) root.register_buffer("weight", w);
    return t.model(root, x -> x.unsqueeze(1).sub(w).square().sum(-1));
  }

  private static Model<Tensor> rbm(Torch t) {
    var root = new Module();
    Rbms rbm = new Rbms(root, 20, 12);
    return t.model(root, rbm::forward);
  }

  private static Model<Tensor> dbn(Torch t) {
    Module root = new Module(), low = new Module(), high = new Module();
    root.register_module("0", low);
    root.register_module("1", high);
    Rbms first = new Rbms(low, 20, 12), second = new Rbms(high, 12, 5);
    return t.model(root, x -> second.forward(first.forward(x)));
  }

  private static final class Rbms {
    final Tensor w;
    final Tensor c;

    Rbms(Module m, int visible, int hidden) {
      w = parameter(m, "weight", hidden, visible);
      parameter(m, "visible_bias", visible);
      c = parameter(m, "hidden_bias", hidden);
    }

    Tensor forward(Tensor v) {
      return v.matmul(w.t()).add(c).sigmoid();
    }
  }

  private static Case rbfLoss(String name, double j) {
    Input y = Input.uniform("20x10", 0, 30), labels = Input.labels("20", 10);
    return loss(name, y, labels, () -> Double.isInfinite(j) ? new RBFLoss() : new RBFLoss(j), (d, t) -> {
      Tensor own = d.gather(1, t.unsqueeze(1), false).squeeze(1);
      if (Double.isInfinite(j)) return own.mean();
      Tensor rubbish = torch.zeros_like(own).sub(number(j)).unsqueeze(1);
      return own.add(torch.cat(Torch.vector(List.of(d.neg(), rubbish)), 1).logsumexp(1)).mean();
    });
  }

  private static Model<Tensor> leNet(Torch t) {
    var root = new Module();
    Stack features = new Stack().conv(1, 6, 5, Stack.pad(2)).relu().maxPool(2).conv(6, 16, 5).relu().maxPool(2)
        .conv(16, 120, 5).relu();
    Stack classifier = new Stack().flatten().linear(120, 84).relu().linear(84, 10);
    root.register_module("features", features.layers);
    root.register_module("classifier", classifier.layers);
    return t.model(root, x -> classifier.layers.forward(features.layers.forward(x)));
  }
}
