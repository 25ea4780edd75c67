package io.github.einkorn.optim;

import io.github.einkorn.Tensor;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Every optimizer and its settings, beside the formulas it follows. */
final class Rules {
  private Rules() {}

  private static Arguments row(String name, Function<List<Tensor>, Optimizer> optimizer, Supplier<Formulas> formulas) {
    return Arguments.of(name, optimizer, formulas);
  }

  private static Supplier<Formulas> sgd(double momentum, double dampening, boolean nesterov, double decay) {
    return of(Formulas.Sgd::new, f -> {
      f.momentum = momentum;
      f.dampening = dampening;
      f.nesterov = nesterov;
      f.decay = decay;
    });
  }

  private static Supplier<Formulas> adam(
      double lr, double beta1, double beta2, double eps, boolean decoupled, double decay) {
    return of(Formulas.Adam::new, f -> {
      f.lr = lr;
      f.beta1 = beta1;
      f.beta2 = beta2;
      f.eps = eps;
      f.decoupled = decoupled;
      f.decay = decay;
    });
  }

  private static <F extends Formulas> Supplier<Formulas> of(Supplier<F> make, Consumer<F> set) {
    return () -> {
      F f = make.get();
      set.accept(f);
      return f;
    };
  }

  /** Name, optimizer, formulas. */
  static Stream<Arguments> rules() {
    return Stream.of(
        row("sgd", p -> new SGD(p, 0.1), sgd(0, 0, false, 0)),
        row("sgd decay", p -> new SGD(p, 0.1).weightDecay(0.05), sgd(0, 0, false, 0.05)),
        row("sgd momentum", p -> new SGD(p, 0.1).momentum(0.9), sgd(0.9, 0, false, 0)),
        row("sgd dampening", p -> new SGD(p, 0.1).momentum(0.8).dampening(0.3), sgd(0.8, 0.3, false, 0)),
        row("sgd nesterov", p -> new SGD(p, 0.1).momentum(0.9).nesterov(true), sgd(0.9, 0, true, 0)),
        row("sgd nesterov decay", p -> new SGD(p, 0.1).nesterov(true).momentum(0.5).weightDecay(0.1),
            sgd(0.5, 0, true, 0.1)),
        row("adam", Adam::new, adam(1e-3, 0.9, 0.999, 1e-8, false, 0)),
        row("adam lr", p -> new Adam(p, 0.05), adam(0.05, 0.9, 0.999, 1e-8, false, 0)),
        row("adam all", p -> new Adam(p, 0.01).betas(0.8, 0.95).eps(1e-3).weightDecay(0.2),
            adam(0.01, 0.8, 0.95, 1e-3, false, 0.2)),
        row("adam forgetting", p -> new Adam(p, 0.01).betas(0, 0), adam(0.01, 0, 0, 1e-8, false, 0)),
        row("adam remembering", p -> new Adam(p, 0.01).betas(0.9, 0.99999999), // as a float, 1
            adam(0.01, 0.9, 0.99999999, 1e-8, false, 0)),
        row("adamw", AdamW::new, adam(1e-3, 0.9, 0.999, 1e-8, true, 0.01)),
        row("adamw all", p -> new AdamW(p, 0.02).betas(0.7, 0.99).eps(1e-4).weightDecay(0.3),
            adam(0.02, 0.7, 0.99, 1e-4, true, 0.3)),
        row("nadam", NAdam::new, of(Formulas.NAdam::new, f -> f.lr = 2e-3)),
        row("nadam all", p -> new NAdam(p, 0.01).betas(0.8, 0.95).eps(1e-3).weightDecay(0.2).momentumDecay(0.5),
            of(Formulas.NAdam::new, f -> {
              f.lr = 0.01;
              f.beta1 = 0.8;
              f.beta2 = 0.95;
              f.eps = 1e-3;
              f.decay = 0.2;
              f.momentumDecay = 0.5;
            })),
        row("nadam decoupled", p -> new NAdam(p, 0.01).weightDecay(0.2).decoupledWeightDecay(true),
            of(Formulas.NAdam::new, f -> {
              f.lr = 0.01;
              f.decay = 0.2;
              f.decoupled = true;
            })),
        row("adagrad", Adagrad::new, of(Formulas.Adagrad::new, f -> f.lr = 0.01)),
        row("adagrad all", p -> new Adagrad(p, 0.1).lrDecay(0.3).initialAccumulator(0.5).eps(1e-3).weightDecay(0.2),
            of(Formulas.Adagrad::new, f -> {
              f.lrDecay = 0.3;
              f.initial = 0.5;
              f.eps = 1e-3;
              f.decay = 0.2;
            })),
        row("rmsprop", RMSprop::new, of(Formulas.RmsProp::new, f -> f.lr = 0.01)),
        row("rmsprop momentum", p -> new RMSprop(p, 0.01).momentum(0.9).weightDecay(0.1),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.01;
              f.momentum = 0.9;
              f.decay = 0.1;
            })),
        row("rmsprop centered", p -> new RMSprop(p, 0.01).alpha(0.9).centered(true).eps(1e-2),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.01;
              f.alpha = 0.9;
              f.centered = true;
              f.eps = 1e-2;
            })),
        row("rmsprop all", p -> new RMSprop(p, 0.02).alpha(0.8).centered(true).eps(1e-2).momentum(0.5),
            of(Formulas.RmsProp::new, f -> {
              f.lr = 0.02;
              f.alpha = 0.8;
              f.centered = true;
              f.eps = 1e-2;
              f.momentum = 0.5;
            })));
  }
}
