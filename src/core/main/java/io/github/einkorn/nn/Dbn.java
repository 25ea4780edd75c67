package io.github.einkorn.nn;

import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import io.github.einkorn.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * A deep belief net: {@link Rbm}s of which each has the hidden units of the one below as its visible ones (Hinton,
 * Osindero and Teh 2006). As a layer it passes probabilities up: (N, sizes[0]) to (N, last size).
 *
 * <pre>{@code
 * var dbn = new Dbn(784, 500, 250);
 * new ContrastiveDivergence(0.1).fit(dbn, digits, 5);                  // layer by layer, without labels
 * var model = dbn.toSequential().add(new Linear(250, 10));             // to be fine-tuned with labels
 * }</pre>
 */
public final class Dbn extends BuiltIn {
  private final List<Rbm> machines = new ArrayList<>();

  /**
   * With numbers of units, from the visible ones up.
   *
   * @throws IllegalArgumentException unless there are two at least, each at least 1
   */
  public Dbn(int... sizes) {
    if (sizes.length < 2) {
      throw new IllegalArgumentException("Dbn: expected the visible and at least one hidden size, got " + sizes.length);
    }
    for (int i = 0; i + 1 < sizes.length; i++) {
      machines.add(child(String.valueOf(i), new Rbm(sizes[i], sizes[i + 1])));
    }
  }

  /** The machines, the lowest first. */
  public List<Rbm> machines() {
    return List.copyOf(machines);
  }

  @Override
  Tensor compute(Tensor v) {
    return up(v, machines.size());
  }

  /**
   * The probabilities of the units that a machine sees: p(h | …) through all below it; v itself for the lowest, 0.
   *
   * @throws IndexOutOfBoundsException unless there are so many machines
   */
  public Tensor up(Tensor v, int machine) {
    Tensor h = v;
    for (Rbm rbm : machines.subList(0, machine)) h = rbm.forward(h);
    return h;
  }

  /**
   * Draws n samples (n, sizes[0]) from the net: Markov chains of the uppermost machine from random units on, then the
   * way down. They are the probabilities of the visible units; all units between are drawn.
   *
   * @throws IllegalArgumentException unless both numbers are at least 1
   */
  public Tensor sample(int n, int steps) {
    Rbm top = machines.get(machines.size() - 1);
    try (var off = new NoGrad(); var scope = new Scope()) {
      Tensor units = top.gibbs(Tensor.full(0.5f, positive("n", n), top.visible()), steps);
      units = top.sampleHidden(units);
      for (int i = machines.size() - 1; i > 0; i--) units = machines.get(i).sampleVisible(units);
      return Tensors.result(machines.get(0).visible(units), scope);
    }
  }

  /**
   * Linear and Sigmoid for each machine, with copies of its W and c: what it gives is what this gives, until it is
   * trained.
   */
  public Sequential toSequential() {
    var model = new Sequential();
    for (Rbm rbm : machines) {
      var linear = new Linear(rbm.visible(), rbm.hidden());
      linear.weight().copyInPlace(rbm.weight());
      linear.bias().copyInPlace(rbm.hiddenBias());
      model.add(linear).add(new Sigmoid());
    }
    return model;
  }
}
