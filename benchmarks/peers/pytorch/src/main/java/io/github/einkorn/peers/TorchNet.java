package io.github.einkorn.peers;

import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A net of PyTorch with what trains it. */
final class TorchNet {
  final Module module;
  final TorchUpdate update;
  private final UnaryOperator<Tensor> forward;
  private final boolean binary;

  TorchNet(Net net, boolean channelsLast) {
    var layers = new TorchLayers();
    forward = TorchLayers.chain(net.layers(layers));
    module = layers.module;
    binary = net.classes == 1;
    TensorVector parameters = module.parameters();
    for (Tensor p : parameters.get()) p.set_data(TorchWorker.format(p, channelsLast));
    update = new TorchUpdate(net.update, parameters.get());
  }

  Tensor forward(Tensor x) {
    return forward.apply(x);
  }

  /** One step. */
  void train(Tensor x, Tensor y) {
    try (var scope = new PointerScope()) {
      module.zero_grad(true);
      Tensor out = forward(x);
      (binary ? torch.binary_cross_entropy(out, y) : torch.cross_entropy_loss(out, y)).backward();
      update.step();
    }
  }
}
