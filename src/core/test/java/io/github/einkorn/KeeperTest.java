package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class KeeperTest {
  private static final int SIZE = 1 << 20; // 4 MB

  private static Tensor parameter() {
    return Tensor.ones(SIZE).keep().requiresGrad(true);
  }

  private static void step(Tensor p, double factor) {
    try (var scope = new Scope()) {
      p.mul(factor).sum().backward();
    }
  }

  private static void collectUntil(BooleanSupplier done) throws InterruptedException {
    for (int i = 0; i < 200 && !done.getAsBoolean(); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(done.getAsBoolean()).isTrue();
  }

  @Test
  void theCollectorFreesForgottenParametersAndTheirGradients() throws InterruptedException {
    long before = Memory.used();
    for (int i = 0; i < 4; i++) {
      Tensor p = parameter();
      step(p, 2);
      step(p, 3);
      p.zeroGrad();
      step(p, 5);
    }
    collectUntil(() -> Memory.used() < before + (1 << 20));
  }

  @Test
  void aGradientOutlivesItsForgottenParameter() throws InterruptedException {
    long before = Memory.used();
    Tensor g = gradientOfAForgottenParameter();
    collectUntil(() -> Memory.used() < before + 6 * (1 << 20)); // the parameter has gone
    assertThat(g.toFloats()[SIZE - 1]).isEqualTo(3);
    long held = Memory.used();
    g.close();
    assertThat(held - Memory.used()).isGreaterThanOrEqualTo(4L * SIZE);
  }

  private static Tensor gradientOfAForgottenParameter() {
    Tensor p = parameter();
    step(p, 3);
    return p.grad();
  }

  @Test
  void gradientsOfEarlierStepsAreFreedOnceEach() {
    try (Tensor p = parameter()) {
      step(p, 1);
      long before = Memory.used();
      for (int i = 0; i < 5; i++) {
        Tensor old = p.grad();
        p.zeroGrad();
        assertThatThrownBy(old::toFloats).isInstanceOf(ClosedTensorException.class).hasMessageContaining("zeroGrad");
        old.close();
        step(p, 2 + i);
        assertThat(p.grad().toFloats()[0]).isEqualTo(2 + i);
        assertThat(Memory.used()).isEqualTo(before);
      }
      p.grad().close(); // by hand
      step(p, 9);
      assertThat(p.grad().toFloats()[0]).isEqualTo(9);
      assertThat(Memory.used()).isEqualTo(before);
      p.zeroGrad();
    }
  }

  @Test
  void gradientsOfThreadsAtOnceAreFreedOnceEach() throws InterruptedException {
    Tensor p = Tensor.ones(1 << 10).keep().requiresGrad(true);
    long before = Settled.used();
    var together = new CyclicBarrier(2, p::zeroGrad);
    var failure = new AtomicReference<Throwable>();
    Runnable steps = () -> {
      try {
        for (int i = 0; i < 5000; i++) {
          step(p, 2);
          together.await();
        }
      } catch (Exception e) {
        failure.compareAndSet(null, e);
        together.reset();
      }
    };
    var other = new Thread(steps);
    other.start();
    steps.run();
    other.join();
    assertThat(failure.get()).isNull();
    step(p, 3);
    assertThat(p.grad().toFloats()[9]).isEqualTo(3);
    p.zeroGrad();
    assertThat(Settled.used()).isEqualTo(before);
    p.close();
  }

  @Test
  void aViewOfAGradientKeepsItsValuesWhenTheNextIsAdded() {
    try (Tensor p = parameter()) {
      step(p, 2);
      try (Tensor view = p.grad().detach()) {
        step(p, 3);
        assertThat(view.toFloats()[7]).isEqualTo(2);
        assertThat(p.grad().toFloats()[7]).isEqualTo(5);
      }
      p.zeroGrad();
    }
  }
}
