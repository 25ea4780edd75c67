package io.github.einkorn.train;

import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Loss;
import java.util.Objects;

/**
 * Σ n · loss / Σ n over batches of n samples: a loss among the metrics, as Keras takes one. It shows what was made
 * small without the penalties of regularizers and the weights of samples and classes, or another loss beside:
 *
 * <pre>{@code
 * new Trainer(model).loss(new CrossEntropyLoss()).metrics(new LossMetric("cost", new CrossEntropyLoss()))
 * }</pre>
 */
public final class LossMetric implements Metric {
  private final String name;
  private final Loss loss;
  private double sum;
  private long samples;

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
    sum = 0;
    samples = 0;
  }

  /**
   * Takes in a batch of predictions (n, …).
   *
   * @throws ShapeException if the loss gives more than one number
   */
  @Override
  public void update(Tensor prediction, Tensor target) {
    try (var scope = new Scope()) {
      Tensor mean = loss.forward(prediction, target);
      if (mean.size() != 1) {
        throw new ShapeException(name + ": the loss of a batch should be one number, got shape " + mean.shape());
      }
      sum += (double) mean.item() * prediction.dim(0);
      samples += prediction.dim(0);
    }
  }

  /** The mean since the reset; NaN if there was no batch. */
  @Override
  public double result() {
    return sum / samples;
  }
}
