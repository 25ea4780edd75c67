package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final int MEGABYTE = 1 << 18; // floats

  @AfterEach
  void lift() {
    Memory.limit(0);
  }

  @Test
  void theLimitIsACatchableExceptionThatNamesTheHolders() {
    try (var scope = new Scope()) {
      Tensor held = Tensor.zeros(24, MEGABYTE);
      Memory.trim();
      Memory.limit(Memory.used() + (16 << 20));
      assertThatThrownBy(() -> Tensor.zeros(64, MEGABYTE)).isInstanceOf(OutOfNativeMemoryException.class)
          .hasMessageContaining("float32 (24, 262144)");
      assertThat(held.sum().item()).isZero();
      held.close();
      assertThat(Tensor.ones(20, MEGABYTE).sum().item()).isEqualTo(20f * MEGABYTE);
    }
  }

  @Test
  void trainingGoesOnAfterAFailedStep() {
    Tensor w = Tensor.ones(MEGABYTE).keep().requiresGrad(true);
    Memory.trim();
    Memory.limit(Memory.used() + (12 << 20));
    assertThatThrownBy(() -> {
      try (var scope = new Scope()) {
        Tensor h = w;
        for (int i = 0; i < 100; i++) h = h.mul(1.01);
      }
    }).isInstanceOf(OutOfNativeMemoryException.class);
    try (var scope = new Scope()) {
      w.mul(2).sum().backward();
    }
    assertThat(w.grad().max().item()).isEqualTo(2);
    w.zeroGrad();
    w.close();
  }

  @Test
  void theCollectorFreesWhatNobodyClosed() {
    Memory.trim();
    Memory.limit(Memory.used() + (64 << 20));
    float sum = 0;
    for (int i = 0; i < 100; i++) sum += Tensor.ones(4, MEGABYTE).mean().item(); // 400 MB in all
    assertThat(sum).isEqualTo(100);
  }

  /** Wherever memory runs out: kernels need some for themselves too. */
  @Test
  void theCollectorFreesWhatNobodyClosedForKernelsToo() {
    Layer net = new Sequential(new Conv2d(8, 64, Window.of(3).pad(1)), new BatchNorm2d(64), new ReLU(),
        new Conv2d(64, 128, Window.of(5).pad(2)), new MaxPool2d(2), new Flatten(), new Linear(128 * 49, 10));
    Tensor x = Tensor.randn(4, 8, 14, 14).channelsLast(), labels = Tensor.of(1L, 2, 3, 4);
    Memory.trim();
    Memory.limit(Memory.used() + (24 << 20));
    for (int i = 0; i < 40; i++) {
      for (Tensor p : net.parameters()) p.zeroGrad();
      Functional.crossEntropy(net.forward(x), labels).backward();
      assertThat(net.parameters()).noneMatch(p -> p.grad() == null);
    }
  }

  @Test
  void aKernelWithoutMemoryNamesTheHolders() {
    try (var scope = new Scope()) {
      Tensor x = Tensor.randn(1, 512, 7, 7).channelsLast(), w = Tensor.zeros(512, 512, 3, 3);
      Memory.trim();
      Memory.limit(Memory.used() + (1 << 20)); // for the output, but not for the transformed or rearranged weight
      assertThatThrownBy(() -> Functional.conv2d(x, w, null, Window.of(3).pad(1)))
          .isInstanceOf(OutOfNativeMemoryException.class).hasMessageContaining("float32 (512, 512, 3, 3)");
      Memory.limit(0);
      assertThat(Functional.conv2d(x, w, null, Window.of(3).pad(1)).sum().item()).isZero();
    }
  }

  @Test
  void rearrangedWeightsGoWithTheirContents() {
    try (var scope = new Scope()) {
      Tensor x = Tensor.randn(1, 32, 12, 12), w = Tensor.randn(32, 32, 3, 3);
      for (Runnable end : new Runnable[] {() -> w.mulInPlace(2), w::close}) {
        long before = Memory.used();
        for (int use = 0; use < 2; use++) Functional.conv2d(x, w, null, Window.of(3)).close();
        assertThat(Memory.used() - before).isGreaterThanOrEqualTo(32 * 32 * 9 * 4);
        end.run();
        assertThat(Memory.used()).isLessThanOrEqualTo(before);
      }
    }
  }

  @Test
  void countsBytes() {
    try (var scope = new Scope()) {
      long before = Memory.used();
      Tensor x = Tensor.zeros(8, MEGABYTE);
      assertThat(Memory.used() - before).isBetween(8L << 20, 10L << 20);
      assertThat(Memory.peak()).isGreaterThanOrEqualTo(Memory.used());
      assertThat(Memory.largestHolders(1000)).contains("float32 (8, 262144)");
      x.close();
      assertThat(Memory.used()).isLessThanOrEqualTo(before);
      assertThat(Memory.largestHolders(1000)).doesNotContain("float32 (8, 262144)");
    }
    assertThatThrownBy(() -> Memory.limit(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void countsCopiesFromOneFormatToTheOther() {
    try (var scope = new Scope()) {
      long before = Memory.conversions();
      Tensor last = Tensor.rand(2, 3, 4, 5).channelsLast();
      assertThat(Memory.conversions() - before).isEqualTo(1);
      last.contiguous();
      assertThat(Memory.conversions() - before).isEqualTo(2);
      last.channelsLast();
      Tensor.rand(2, 1, 4, 5).channelsLast();
      Tensor.rand(2, 3, 1, 1).channelsLast();
      last.mul(2).mean();
      assertThat(Memory.conversions() - before).isEqualTo(2);
    }
  }

  @Test
  void anInterruptedThreadHasNoLessMemory() {
    Memory.trim();
    Memory.limit(Memory.used() + (64 << 20));
    Thread.currentThread().interrupt();
    float sum = 0;
    for (int i = 0; i < 50; i++) sum += Tensor.ones(4, MEGABYTE).mean().item(); // 200 MB in all
    assertThat(Thread.interrupted()).isTrue();
    assertThat(sum).isEqualTo(50);
  }
}
