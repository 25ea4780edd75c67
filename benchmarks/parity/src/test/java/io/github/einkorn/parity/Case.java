package io.github.einkorn.parity;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Winograd;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.parity.Library.Model;
import io.github.einkorn.parity.Values.Norm;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * One line of the tables: the same work in Einkorn and in PyTorch.
 *
 * @param subjects makes the layers, losses or optimizers of Einkorn that it checks
 * @param norm how errors are measured
 * @param factor how much farther than usual it may be from PyTorch's double
 * @param floats the ways in which PyTorch computes it in float: Einkorn is compared with the worst of them
 */
record Case(String name, Supplier<List<?>> subjects, Norm norm, double factor, List<Torch> floats,
    Supplier<Map<String, Values>> ours, Function<Torch, Map<String, Values>> torch) {

  /** A layer on a normal input of a shape. */
  static Case layer(String name, String shape, Supplier<Layer> ours, UnaryOperator<Stack> torch) {
    return layer(name, Input.normal(shape), ours, torch);
  }

  static Case layer(String name, Input input, Supplier<Layer> ours, UnaryOperator<Stack> torch) {
    return new Case(name, () -> List.of(ours.get()), Norm.LARGEST, 1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).layer(lib -> Ours.model(sequential(ours.get())), input),
        t -> new Drive<>(t).layer(lib -> stack(t, torch), input));
  }

  /** A layer that in PyTorch is put together from operations; its parameters have names of their own. */
  static Case parts(String name, String shape, Supplier<Layer> ours, Function<Torch, Model<Tensor>> torch) {
    return new Case(name, () -> List.of(ours.get()), Norm.LARGEST, 1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).layer(lib -> Ours.model(ours.get()), Input.normal(shape)),
        t -> new Drive<>(t).layer(lib -> torch.apply(t), Input.normal(shape)));
  }

  private static Layer sequential(Layer layer) {
    return layer instanceof Sequential ? layer : new Sequential(layer);
  }

  private static Model<Tensor> stack(Torch t, UnaryOperator<Stack> torch) {
    Stack stack = torch.apply(new Stack());
    return t.model(stack.layers, stack.layers::forward);
  }

  /** Twenty steps of training. */
  static Case netOf(String name, String images, Supplier<Layer> ours, Function<Torch, Model<Tensor>> torch,
      String optimizer) {
    Input x = Input.normal(images), labels = Input.labels(String.valueOf(x.shape()[0]), 10);
    return new Case(name, () -> List.of(ours.get()), Norm.WHOLE, 1, Torch.FLOATS,
        () -> new Drive<>(Ours.LIBRARY).net(lib -> Ours.model(ours.get()), x, labels, optimizer),
        t -> new Drive<>(t).net(lib -> torch.apply(t), x, labels, optimizer));
  }

  static Case net(String name, String images, Supplier<Layer> ours, UnaryOperator<Stack> torch, String optimizer) {
    return netOf(name, images, ours, t -> stack(t, torch), optimizer);
  }

  /** A function of several tensors. */
  static Case function(String name, List<Input> inputs, Function<List<io.github.einkorn.Tensor>,
      io.github.einkorn.Tensor> ours, Function<List<Tensor>, Tensor> torch) {
    return new Case(name, List::of, Norm.LARGEST, 1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).function(ours, inputs),
        t -> new Drive<>(t).function(torch, inputs));
  }

  /** A function of one tensor. */
  static Case function(String name, Input x, UnaryOperator<io.github.einkorn.Tensor> ours,
      UnaryOperator<Tensor> torch) {
    return function(name, List.of(x), l -> ours.apply(l.get(0)), l -> torch.apply(l.get(0)));
  }

  /** A function of two tensors. */
  static Case function(String name, Input x, Input y, BinaryOperator<io.github.einkorn.Tensor> ours,
      BinaryOperator<Tensor> torch) {
    return function(name, List.of(x, y), l -> ours.apply(l.get(0), l.get(1)), l -> torch.apply(l.get(0), l.get(1)));
  }

  /** A layer without parameters beside a function of PyTorch, which has no such layer. */
  static Case layerAsFunction(String name, Input x, Supplier<Layer> ours, UnaryOperator<Tensor> torch) {
    Case c = function(name, x, a -> ours.get().forward(a), torch);
    return new Case(name, () -> List.of(ours.get()), c.norm, 1, c.floats, c.ours, c.torch);
  }

  /** This with errors measured against the largest element: of a gradient that is a difference of like terms. */
  Case largest() {
    return new Case(name, subjects, Norm.LARGEST, factor, floats, ours, torch);
  }

  /** This with errors measured against each element. */
  Case each() {
    return new Case(name, subjects, Norm.EACH, factor, floats, ours, torch);
  }

  /**
   * This with convolutions in a way of Winograd's, whose errors may be `factor` times larger than those of direct
   * convolution.
   */
  Case winograd(Winograd way, double factor) {
    return new Case(name + ", Winograd " + way, subjects, norm, factor, floats, () -> {
      Winograd before = Einkorn.winograd();
      Einkorn.winograd(way);
      try {
        return ours.get();
      } finally {
        Einkorn.winograd(before);
      }
    }, torch);
  }

  static Case loss(String name, Input x, Input target, Supplier<Loss> ours, BinaryOperator<Tensor> torch) {
    Case c = function(name, x, target, (a, b) -> ours.get().forward(a, b), torch);
    return new Case(name, () -> List.of(ours.get()), Norm.EACH, 1, c.floats, c.ours, c.torch);
  }
}
