package io.github.einkorn.peers;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch's fused optimizers, by their names: one call for all parameters, where the classes of the preset go over each
 * of them several times.
 */
final class TorchUpdate {
  private static final OperatorHandle ADAM = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adam_", "");
  private static final OperatorHandle SGD = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_sgd_", "");

  private final Net.Update update;
  private final Tensor[] parameters;
  private final IValue list;
  private final IValue first; // Adam's first moments; SGD's momenta, none without momentum
  private final IValue second; // Adam's second moments
  private final IValue steps; // the same number for all parameters
  private final Tensor count = torch.zeros();
  private final Scalar one = new Scalar(1);
  private final IValue empty = list();
  private final IValue none = new IValue();
  private double rate;
  private boolean started;

  TorchUpdate(Net.Update update, Tensor... parameters) {
    this.update = update;
    this.parameters = parameters;
    rate = update.rate;
    boolean adam = update == Net.Update.ADAM;
    list = list(parameters);
    first = adam || update.momentum > 0 ? zeros() : empty;
    second = adam ? zeros() : empty;
    steps = list(Stream.of(parameters).map(p -> count).toArray(Tensor[]::new));
  }

  void rate(double value) {
    rate = value;
  }

  /** Moves the parameters; what is made here is freed in the caller's scope. */
  void step() {
    IValue gradients = list(Stream.of(parameters).map(Tensor::grad).toArray(Tensor[]::new));
    var arguments = new IValueVector();
    if (update == Net.Update.ADAM) {
      count.add_(one);
      arguments.put(list, gradients, first, second, empty, steps, of(rate), of(0.9), of(0.999), of(0), of(1e-8),
          of(false), of(false), none, none);
      ADAM.callBoxed(arguments);
    } else {
      arguments.put(list, gradients, first, of(0), of(update.momentum), of(rate), of(0), of(false), of(false),
          of(!started), none, none);
      SGD.callBoxed(arguments);
    }
    started = true;
  }

  private IValue zeros() {
    return list(Stream.of(parameters).map(torch::zeros_like).toArray(Tensor[]::new));
  }

  private static IValue list(Tensor... tensors) {
    var all = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor t : tensors) all.push_back(new IValue(t));
    return new IValue(all);
  }

  private static IValue of(double x) {
    return new IValue(x);
  }

  private static IValue of(boolean x) {
    return new IValue(x);
  }
}
