package io.github.einkorn.parity;

import io.github.einkorn.Tensor;
import io.github.einkorn.optim.Adagrad;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.AdamW;
import io.github.einkorn.optim.Gradients;
import io.github.einkorn.optim.NAdam;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.RMSprop;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.parity.Values.Norm;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.AdagradOptions;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

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
        }),
        adagrad("Adagrad", a -> {}, o -> {}),
        adagrad("Adagrad all options", a -> a.lrDecay(0.1).initialAccumulator(0.5).eps(1e-3).weightDecay(0.1), o -> {
          o.lr_decay().put(0.1);
          o.initial_accumulator_value().put(0.5);
          o.eps().put(1e-3);
          o.weight_decay().put(0.1);
        }),
        rmsProp("RMSprop", r -> {}, o -> {}),
        rmsProp("RMSprop momentum, weight decay", r -> r.momentum(0.9).weightDecay(0.1), o -> {
          o.momentum().put(0.9);
          o.weight_decay().put(0.1);
        }),
        rmsProp("RMSprop centered", r -> r.centered(true).eps(1e-2).alpha(0.9), o -> {
          o.centered().put(true);
          o.eps().put(1e-2);
          o.alpha().put(0.9);
        }),
        rmsProp("RMSprop all options", r -> r.centered(true).eps(1e-2).alpha(0.9).momentum(0.8).weightDecay(0.1), o -> {
          o.centered().put(true);
          o.eps().put(1e-2);
          o.alpha().put(0.9);
          o.momentum().put(0.8);
          o.weight_decay().put(0.1);
        }),
        nadam("NAdam", n -> {}, n -> {}),
        nadam("NAdam weight decay, momentum decay", n -> n.weightDecay(0.1).momentumDecay(0.05), n -> {
          n.weightDecay = 0.1;
          n.momentumDecay = 0.05;
        }),
        nadam("NAdam decoupled, betas", n -> n.weightDecay(0.1).decoupledWeightDecay(true).betas(0.8, 0.95), n -> {
          n.weightDecay = 0.1;
          n.decoupled = true;
          n.beta1 = 0.8;
          n.beta2 = 0.95;
        }),
        optimizer("SGD with clipped gradients", p -> new SGD(p, 0.1),
            p -> before(Ours.wrap(new SGD(p, 0.1)), () -> Gradients.clipGradNorm(p, 2)),
            p -> before(Torch.wrap(new org.bytedeco.pytorch.SGD(p, new SGDOptions(0.1))),
                () -> torch.clip_grad_norm_(p, 2))),
        optimizer("Adam with a group", Adam::new, p -> {
          var adam = new Adam(p, 1e-3).weightDecay(0.1);
          adam.group(p.subList(0, 2)).lrFactor(5).weightDecay(0);
          return Ours.wrap(adam);
        }, p -> {
          var rest = new TensorVector();
          for (long i = 2; i < p.size(); i++) rest.push_back(p.get(i));
          var some = new TensorVector(p.get(0), p.get(1));
          var a = Torch.wrap(new org.bytedeco.pytorch.Adam(some, new AdamOptions(5e-3)));
          var b = Torch.wrap(new org.bytedeco.pytorch.Adam(rest,
              changed(new AdamOptions(1e-3), o -> o.weight_decay().put(0.1))));
          return new Library.Optimizer() {
            @Override
            public void zeroGrad() {
              a.zeroGrad();
              b.zeroGrad();
            }

            @Override
            public void step() {
              a.step();
              b.step();
            }
          };
        }));
  }

  static Library.Optimizer after(Library.Optimizer optimizer, Runnable more) {
    return around(optimizer, () -> {}, more);
  }

  static Library.Optimizer before(Library.Optimizer optimizer, Runnable first) {
    return around(optimizer, first, () -> {});
  }

  private static Library.Optimizer around(Library.Optimizer optimizer, Runnable first, Runnable last) {
    return new Library.Optimizer() {
      @Override
      public void zeroGrad() {
        optimizer.zeroGrad();
      }

      @Override
      public void step() {
        first.run();
        optimizer.step();
        last.run();
      }
    };
  }

  private static Case adagrad(String name, Consumer<Adagrad> change, Consumer<AdagradOptions> torchChange) {
    return optimizer(name, p -> changed(new Adagrad(p), change),
        p -> new org.bytedeco.pytorch.Adagrad(p, changed(new AdagradOptions(), torchChange)));
  }

  private static Case rmsProp(String name, Consumer<RMSprop> change, Consumer<RMSpropOptions> torchChange) {
    return optimizer(name, p -> changed(new RMSprop(p), change),
        p -> new org.bytedeco.pytorch.RMSprop(p, changed(new RMSpropOptions(), torchChange)));
  }

  private static Case nadam(String name, Consumer<NAdam> change, Consumer<TorchNAdam> torchChange) {
    return optimizer(name, p -> changed(new NAdam(p), change), p -> Ours.wrap(changed(new NAdam(p), change)),
        p -> changed(new TorchNAdam(p), torchChange));
  }

  /** A tuple in C++, whose last element comes first in memory. */
  static void betas(DoublePointer tuple, double beta1, double beta2) {
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
    return optimizer(name, ours, p -> Ours.wrap(ours.apply(p)), p -> Torch.wrap(torch.apply(p)));
  }

  private static Case optimizer(String name, Function<List<Tensor>, Optimizer> subject,
      Function<List<Tensor>, Library.Optimizer> ours, Function<TensorVector, Library.Optimizer> torch) {
    return new Case(name, () -> List.of(subject.apply(List.of(Tensor.ones(1).requiresGrad(true)))), Norm.LARGEST,
        1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).optimizer(ours),
        t -> new Drive<>(t).optimizer(p -> torch.apply(Torch.vector(p))));
  }
}
