package io.github.einkorn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.nn.Rbm;
import io.github.einkorn.optim.SGD;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The threads that make batches end with the iteration, also where it ends early. */
class IterationsTest {
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final Linear model = new Linear(4, 1);

  /** Far more batches than are made ahead, so that no thread comes to an end by itself. */
  private DataLoader data() {
    return new DataLoader(new TensorDataset(Tensor.rand(1000, 4), Tensor.zeros(1000, 1)).map(sample -> {
      threads.add(Thread.currentThread());
      try {
        Thread.sleep(0, 200_000);
      } catch (InterruptedException e) { // would have closed a file that it reads from
        interrupted.set(true);
      }
      return sample;
    })).batchSize(5).workers(3);
  }

  private Trainer trainer(Layer layer) {
    return new Trainer(layer).loss(new MSELoss()).optimizer(new SGD(layer.parameters(), 0.1)).verbose(0);
  }

  @AfterEach
  void theThreadsHaveEnded() throws InterruptedException {
    assertThat(threads).isNotEmpty();
    for (Thread t : threads) {
      t.join(10_000);
      assertThat(t.isAlive()).as(t.getName()).isFalse();
    }
    assertThat(interrupted).isFalse();
  }

  /** Fails at its second batch. */
  private Layer failing() {
    return new Layer() {
      private final Linear inner = child("inner", model);
      private int seen;

      @Override
      public Tensor forward(Tensor x) {
        if (++seen == 2) throw new IllegalStateException("second");
        return inner.forward(x);
      }
    };
  }

  @Test
  void fitThatFails() {
    assertThatThrownBy(() -> trainer(failing()).fit(data(), 1)).hasMessageContaining("second");
  }

  @Test
  void fitThatIsStopped() {
    trainer(model).callbacks(new LambdaCallback().onBatchEnd((t, n, logs) -> t.stop("enough"))).fit(data(), 1);
  }

  @Test
  void evaluateThatFails() {
    assertThatThrownBy(() -> trainer(failing()).evaluate(data())).hasMessageContaining("second");
  }

  @Test
  void predictThatFails() {
    assertThatThrownBy(() -> trainer(failing()).predict(data())).hasMessageContaining("second");
  }

  @Test
  void theFinderAfterItsSteps() {
    assertThat(new LearningRateFinder(trainer(model)).range(1e-6, 1e-5).steps(3).run(data()).rates()).hasSize(3);
  }

  @Test
  void contrastiveDivergenceThatFails() {
    assertThatThrownBy(() -> new ContrastiveDivergence(0.1).fit(new Rbm(3, 2), data(), 1))
        .isInstanceOf(RuntimeException.class);
  }
}
