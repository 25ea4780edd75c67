package io.github.einkorn.parity;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** {@code _single_tensor_nadam} of torch/optim/nadam.py, which PyTorch's C++ does not have, on PyTorch's tensors. */
final class TorchNAdam implements Library.Optimizer {
  double lr = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weightDecay;
  double momentumDecay = 4e-3;
  boolean decoupled;
  private final List<State> states = new ArrayList<>();

  private static final class State {
    final Tensor p;
    Tensor average;
    Tensor squares;
    double product = 1;
    int step;

    State(Tensor p) {
      this.p = p;
    }
  }

  TorchNAdam(TensorVector parameters) {
    for (long i = 0; i < parameters.size(); i++) states.add(new State(parameters.get(i)));
  }

  @Override
  public void zeroGrad() {
    for (State s : states) s.p.mutable_grad().put(new Tensor());
  }

  private double mu(int step) {
    return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
  }

  @Override
  public void step() {
    try (var off = new NoGradGuard()) {
      for (State s : states) if (s.p.grad().defined()) step(s);
    }
  }

  private void step(State s) {
    if (s.step++ == 0) {
      s.average = torch.zeros_like(s.p);
      s.squares = torch.zeros_like(s.p);
    }
    Tensor grad = s.p.grad();
    if (decoupled) s.p.mul_(new Scalar(1 - lr * weightDecay));
    else if (weightDecay != 0) grad = grad.add(s.p, new Scalar(weightDecay));
    double mu = mu(s.step), next = mu(s.step + 1);
    s.product *= mu;
    s.average.lerp_(grad, new Scalar(1 - beta1));
    s.squares.mul_(new Scalar(beta2)).addcmul_(grad, grad, new Scalar(1 - beta2));
    Tensor denominator = s.squares.div(new Scalar(1 - Math.pow(beta2, s.step))).sqrt().add(new Scalar(eps));
    s.p.addcdiv_(grad, denominator, new Scalar(-lr * (1 - mu) / (1 - s.product)));
    s.p.addcdiv_(s.average, denominator, new Scalar(-lr * next / (1 - s.product * next)));
  }
}
