package io.github.einkorn.parity;

import io.github.einkorn.Tensor;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.AdamW;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.parity.Values.Norm;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;

/** Every optimizer with its options. */
final class OptimizerCases {
  private OptimizerCases() {}

  static Stream<Case> all() {
    return Stream.of(
        sgd("SGD", s -> {}, o -> {}),
        sgd("SGD weight decay", s -> s.weightDecay(0.05), o -> o.weight_decay().put(0.05)),
        sgd("SGD momentum", s -> s.momentum(0.9), o -> o.momentum().put(0.9)),
        sgd("SGD momentum, weight decay", s -> s.momentum(0.9).weightDecay(5e-4), o -> {
          o.momentum().put(0.9);
          o.weight_decay().put(5e-4);
        }),
        sgd("SGD dampening", s -> s.momentum(0.9).dampening(0.1), o -> {
          o.momentum().put(0.9);
          o.dampening().put(0.1);
        }),
        sgd("SGD nesterov", s -> s.momentum(0.9).nesterov(true), o -> {
          o.momentum().put(0.9);
          o.nesterov().put(true);
        }),
        sgd("SGD nesterov, weight decay", s -> s.momentum(0.8).nesterov(true).weightDecay(0.01), o -> {
          o.momentum().put(0.8);
          o.nesterov().put(true);
          o.weight_decay().put(0.01);
        }),
        adam("Adam", a -> {}, o -> {}),
        adam("Adam betas", a -> a.betas(0.8, 0.95), o -> betas(o.betas(), 0.8, 0.95)),
        adam("Adam betas near 1", a -> a.betas(0.99, 0.99999), o -> betas(o.betas(), 0.99, 0.99999)),
        adam("Adam betas 0", a -> a.betas(0, 0), o -> betas(o.betas(), 0, 0)),
        adam("Adam eps", a -> a.eps(1e-2), o -> o.eps().put(1e-2)),
        adam("Adam weight decay", a -> a.weightDecay(0.1), o -> o.weight_decay().put(0.1)),
        adamW("AdamW", a -> {}, o -> {}),
        adamW("AdamW weight decay", a -> a.weightDecay(0.3), o -> o.weight_decay().put(0.3)),
        adamW("AdamW without decay", a -> a.weightDecay(0), o -> o.weight_decay().put(0)),
        adamW("AdamW betas, eps", a -> a.betas(0.7, 0.99).eps(1e-4), o -> {
          betas(o.betas(), 0.7, 0.99);
          o.eps().put(1e-4);
        }));
  }

  /** A tuple in C++, whose last element comes first in memory. */
  private static void betas(DoublePointer tuple, double beta1, double beta2) {
    tuple.put(0, beta2).put(1, beta1);
  }

  private static Case sgd(String name, Consumer<SGD> change, Consumer<SGDOptions> torchChange) {
    return optimizer(name, p -> changed(new SGD(p, 0.1), change),
        p -> new org.bytedeco.pytorch.SGD(p, changed(new SGDOptions(0.1), torchChange)));
  }

  private static Case adam(String name, Consumer<Adam> change, Consumer<AdamOptions> torchChange) {
    return optimizer(name, p -> changed(new Adam(p), change),
        p -> new org.bytedeco.pytorch.Adam(p, changed(new AdamOptions(), torchChange)));
  }

  private static Case adamW(String name, Consumer<AdamW> change, Consumer<AdamWOptions> torchChange) {
    return optimizer(name, p -> changed(new AdamW(p, 0.02), change),
        p -> new org.bytedeco.pytorch.AdamW(p, changed(new AdamWOptions(0.02), torchChange)));
  }

  private static <O> O changed(O options, Consumer<O> change) {
    change.accept(options);
    return options;
  }

  private static Case optimizer(String name, Function<List<Tensor>, Optimizer> ours,
      Function<TensorVector, org.bytedeco.pytorch.Optimizer> torch) {
    return new Case(name, () -> List.of(ours.apply(List.of(Tensor.ones(1).requiresGrad(true)))), Norm.LARGEST,
        1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).optimizer(p -> Ours.wrap(ours.apply(p))),
        t -> new Drive<>(t).optimizer(p -> Torch.wrap(torch.apply(Torch.vector(p)))));
  }
}
