package io.github.einkorn.train;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Loss;
import java.util.Objects;

/**
 * Σ n · loss / Σ n over batches of n samples: a loss among the metrics, as Keras takes one. It shows what was made
 * small without the penalties of regularizers and the weights of samples and classes, or another loss beside. A batch
 * of which the loss ignores all labels is left out:
 *
 * <pre>{@code
 * new Trainer(model).loss(new CrossEntropyLoss()).metrics(new LossMetric("cost", new CrossEntropyLoss()))
 * }</pre>
 */
public final class LossMetric implements Metric {
  private final String name;
  private final Loss loss;
  private LossMean mean = new LossMean();

  /** A loss whose value for a batch is the mean over its samples, under a name. */
  public LossMetric(String name, Loss loss) {
    this.name = Objects.requireNonNull(name, "name");
    this.loss = Objects.requireNonNull(loss, "loss");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void reset() {
    mean = new LossMean();
  }

  /**
   * Takes in a batch of predictions (n, …).
   *
   * @throws ShapeException if the loss gives more than one number
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    try (var scope = new Scope()) {
      Tensor one = loss.forward(prediction, target);
      if (one.size() != 1) {
        throw new ShapeException(name + ": the loss of a batch should be one number, got shape " + one.shape());
      }
      mean.add(one.item(), prediction.dim(0), () -> LossMean.ignoresAll(loss, target));
    }
  }

  /** The mean since the reset; NaN if there was no batch that counts. */
  @Override
  public double result() {
    return mean.result();
  }
}
