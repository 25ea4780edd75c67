package io.github.einkorn.nn;

import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A penalty for the values of a parameter, which training makes small together with the loss:
 *
 * <pre>{@code
 * var model = new Sequential(new Linear(784, 100).regularizer(new L2(1e-4)), new ReLU(), new Linear(100, 10));
 * … // a Trainer adds it by itself; in a loop of one's own:
 * crossEntropy(model.forward(x), y).add(Regularizer.penalty(model)).backward();
 * }</pre>
 *
 * <p>{@link L1}, {@link L2} and {@link L1L2} are Keras's. For an L2 penalty of all weights an optimizer's weight decay
 * is cheaper: {@code new L2(λ / 2)} gives the gradient of {@code SGD}'s {@code weightDecay(λ)}.
 */
@FunctionalInterface
public interface Regularizer {
  /** The penalty: a scalar, with the gradient it is to have. */
  Tensor penalty(Tensor parameter);

  /** The sum of the penalties of a model's parameters; 0 if it has none. */
  static Tensor penalty(Layer model) {
    List<Tensor> all = all(model);
    return all.isEmpty() ? Tensor.full(0) : sum(all);
  }

  /** A model's loss and its penalties; the loss itself where there are none. */
  static Tensor penalized(Tensor loss, Layer model) {
    List<Tensor> all = all(model);
    return all.isEmpty() ? loss : loss.add(sum(all));
  }

  private static List<Tensor> all(Layer model) {
    var all = new ArrayList<Tensor>();
    for (Layer l : model.layers()) all.addAll(l.penalties());
    return all;
  }

  private static Tensor sum(List<Tensor> all) {
    Tensor sum = all.get(0);
    for (Tensor t : all.subList(1, all.size())) sum = sum.add(t);
    return sum;
  }
}
