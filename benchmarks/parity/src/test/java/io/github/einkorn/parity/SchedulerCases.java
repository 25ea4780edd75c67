package io.github.einkorn.parity;

import io.github.einkorn.Tensor;
import io.github.einkorn.optim.Adam;
import io.github.einkorn.optim.CosineAnnealingLR;
import io.github.einkorn.optim.ExponentialLR;
import io.github.einkorn.optim.LambdaLR;
import io.github.einkorn.optim.LinearLR;
import io.github.einkorn.optim.MultiStepLR;
import io.github.einkorn.optim.NAdam;
import io.github.einkorn.optim.OneCycleLR;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.optim.Scheduler;
import io.github.einkorn.optim.SequentialLR;
import io.github.einkorn.optim.StepLR;
import io.github.einkorn.parity.Values.Norm;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ObjIntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.OptimizerOptions;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;

/**
 * Every scheduler, by the parameters after each step. PyTorch's C++ has StepLR; of the others it has the optimizers,
 * which are given the rate and the momentum of each step by the closed form that torch.optim.lr_scheduler documents.
 */
final class SchedulerCases {
  private static final double LR = 0.1;

  private SchedulerCases() {}

  static Stream<Case> all() {
    return Stream.of(
        scheduler("StepLR", p -> new SGD(p, LR), o -> new StepLR(o, 7).gamma(0.5), p -> {
          var sgd = new org.bytedeco.pytorch.SGD(p, new SGDOptions(LR));
          var schedule = new org.bytedeco.pytorch.StepLR(sgd, 7, 0.5);
          schedule.step(); // Python's constructor does so, that of C++ does not
          return OptimizerCases.after(Torch.wrap(sgd), schedule::step);
        }),
        sgd("StepLR by its formula", o -> new StepLR(o, 6), t -> LR * Math.pow(0.1, Math.floor(t / 6.0))),
        sgd("MultiStepLR", o -> new MultiStepLR(o, 12, 5, 12, 30).gamma(0.3),
            t -> LR * (t < 5 ? 1 : t < 12 ? 0.3 : t < 30 ? Math.pow(0.3, 3) : Math.pow(0.3, 4))),
        sgd("ExponentialLR", o -> new ExponentialLR(o, 0.9), t -> LR * Math.pow(0.9, t)),
        sgd("CosineAnnealingLR", o -> new CosineAnnealingLR(o, Drive.STEPS), t -> cosine(t, Drive.STEPS, 0)),
        sgd("CosineAnnealingLR etaMin, beyond its end", o -> new CosineAnnealingLR(o, 12).etaMin(0.02),
            t -> cosine(t, 12, 0.02)),
        sgd("LinearLR", LinearLR::new, t -> linear(t, 1.0 / 3, 1, 5)),
        sgd("LinearLR all options", o -> new LinearLR(o).startFactor(0.9).endFactor(0.2).totalIters(23),
            t -> linear(t, 0.9, 0.2, 23)),
        sgd("LambdaLR", o -> new LambdaLR(o, t -> 1 / (1 + 0.2 * t)), t -> LR / (1 + 0.2 * t)),
        sgd("SequentialLR", o -> new SequentialLR(o, List.of(new LinearLR(o).startFactor(0.1).totalIters(5),
            new CosineAnnealingLR(o, 15).etaMin(0.01), new ExponentialLR(o, 0.8)), 5, 22),
            t -> t < 5 ? linear(t, 0.1, 1, 5) : t < 22 ? cosine(t - 5, 15, 0.01) : LR * Math.pow(0.8, t - 22)),
        sgd("OneCycleLR without momentum", o -> new OneCycleLR(o, 0.4, Drive.STEPS),
            new Cycle(0.3, false, false).of(0.4 / 25, 0.4, 0.4 / 25 / 1e4)),
        oneCycle("OneCycleLR", UnaryOperator.identity(), new Cycle(0.3, false, false), 25, 1e4, 0.85, 0.95),
        oneCycle("OneCycleLR linear, all options", c -> c.linear(true).pctStart(0.45).divFactor(10).finalDivFactor(50)
            .momentum(0.6, 0.8), new Cycle(0.45, true, false), 10, 50, 0.6, 0.8),
        oneCycle("OneCycleLR in three phases", c -> c.threePhase(true), new Cycle(0.3, false, true), 25, 1e4, 0.85,
            0.95),
        oneCycle("OneCycleLR linear, in three phases", c -> c.linear(true).threePhase(true).pctStart(0.4)
            .cycleMomentum(false), new Cycle(0.4, true, true), 25, 1e4, 0.9, 0.9),
        scheduler("OneCycleLR of Adam", p -> new Adam(p, 9), o -> new OneCycleLR(o, 0.01, Drive.STEPS),
            p -> following(new org.bytedeco.pytorch.Adam(p, new AdamOptions(9)), (options, t) -> {
              var cycle = new Cycle(0.3, false, false);
              var adam = new AdamOptions(options);
              adam.set_lr(cycle.of(4e-4, 0.01, 4e-8).applyAsDouble(t));
              OptimizerCases.betas(adam.betas(), cycle.of(0.95, 0.85, 0.95).applyAsDouble(t), 0.999);
            })),
        scheduler("OneCycleLR of NAdam", p -> new NAdam(p, 9), o -> new OneCycleLR(o, 0.01, Drive.STEPS), p -> {
          var nadam = new TorchNAdam(p);
          var cycle = new Cycle(0.3, false, false);
          int[] t = {0};
          return OptimizerCases.before(nadam, () -> {
            nadam.lr = cycle.of(4e-4, 0.01, 4e-8).applyAsDouble(t[0]);
            nadam.beta1 = cycle.of(0.95, 0.85, 0.95).applyAsDouble(t[0]++);
          });
        }));
  }

  // ---- formulas of torch.optim.lr_scheduler ----

  private static double linear(int t, double start, double end, int total) {
    return LR * (start + (end - start) * Math.min(total, t) / total);
  }

  private static double cosine(int t, int tMax, double etaMin) {
    return etaMin + 0.5 * (LR - etaMin) * (1 + Math.cos(t * Math.PI / tMax));
  }

  /** The steps at which the phases of OneCycleLR end; the values begin, are highest or lowest, and end. */
  record Cycle(double pctStart, boolean linear, boolean threePhase) {
    IntToDoubleFunction of(double first, double top, double last) {
      double up = pctStart * Drive.STEPS - 1, end = Drive.STEPS - 1;
      double down = threePhase ? 2 * up : end;
      return t -> t <= up ? between(first, top, t / up)
          : t <= down ? between(top, threePhase ? first : last, (t - up) / (down - up))
          : between(first, last, (t - down) / (end - down));
    }

    private double between(double start, double end, double pct) {
      return linear ? (end - start) * pct + start : end + (start - end) / 2 * (Math.cos(Math.PI * pct) + 1);
    }
  }

  // ---- cases ----

  private static Case sgd(String name, Function<Optimizer, Scheduler> scheduler, IntToDoubleFunction rate) {
    return scheduler(name, p -> new SGD(p, LR), scheduler,
        p -> following(new org.bytedeco.pytorch.SGD(p, new SGDOptions(LR)),
            (options, t) -> options.set_lr(rate.applyAsDouble(t))));
  }

  private static Case oneCycle(String name, UnaryOperator<OneCycleLR> change, Cycle cycle, double div, double finalDiv,
      double base, double max) {
    double top = 0.2, first = top / div;
    return scheduler(name, p -> new SGD(p, 9).momentum(0.9), o -> change.apply(new OneCycleLR(o, top, Drive.STEPS)),
        p -> following(new org.bytedeco.pytorch.SGD(p, new SGDOptions(9)), (options, t) -> {
          options.set_lr(cycle.of(first, top, first / finalDiv).applyAsDouble(t));
          new SGDOptions(options).momentum().put(cycle.of(max, base, max).applyAsDouble(t));
        }));
  }

  /** An optimizer of PyTorch whose options are set before each step, counted from 0. */
  private static Library.Optimizer following(org.bytedeco.pytorch.Optimizer optimizer,
      ObjIntConsumer<OptimizerOptions> set) {
    int[] t = {0};
    return OptimizerCases.before(Torch.wrap(optimizer),
        () -> set.accept(optimizer.param_groups().get(0).options(), t[0]++));
  }

  private static Case scheduler(String name, Function<List<Tensor>, Optimizer> optimizer,
      Function<Optimizer, Scheduler> scheduler, Function<TensorVector, Library.Optimizer> torch) {
    return new Case(name, () -> List.of(scheduler.apply(optimizer.apply(
        List.of(Tensor.ones(1).requiresGrad(true))))), Norm.LARGEST, 1, List.of(Torch.FLOAT),
        () -> new Drive<>(Ours.LIBRARY).scheduler(p -> {
          Optimizer o = optimizer.apply(p);
          return OptimizerCases.after(Ours.wrap(o), scheduler.apply(o)::step);
        }),
        t -> new Drive<>(t).scheduler(p -> torch.apply(Torch.vector(p))));
  }
}
