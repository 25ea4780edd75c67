package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void freesWhatWasMadeInside() {
    long before = Memory.used();
    Tensor x;
    try (var scope = new Scope()) {
      x = Tensor.zeros(1000, 1000);
      x.add(1).relu();
      assertThat(Memory.used() - before).isGreaterThanOrEqualTo(12_000_000);
    }
    assertThat(x.isClosed()).isTrue();
    assertThat(Memory.used()).isLessThanOrEqualTo(before);
  }

  @Test
  void keptTensorsOutliveIt() {
    Tensor x;
    try (var outer = new Scope()) {
      try (var inner = new Scope()) {
        x = Tensor.of(5f).keep();
      }
      assertThat(x.item()).isEqualTo(5);
    }
    assertThat(x.item()).isEqualTo(5);
    x.close();
  }

  @Test
  void innerScopesFreeTheirOwnOnly() {
    try (var outer = new Scope()) {
      Tensor a = Tensor.of(1f), b;
      try (var inner = new Scope()) {
        b = a.add(1);
      }
      Tensor c = a.add(2);
      assertThat(b.isClosed()).isTrue();
      assertThat(c.item()).isEqualTo(3);
    }
  }

  @Test
  void aViewKeepsTheMemoryOfWhatItViews() {
    Tensor y;
    try (var scope = new Scope()) {
      y = Tensor.of(1f, 2, 3, 4).reshape(2, 2).keep();
    }
    assertThat(y.toFloats()).containsExactly(1, 2, 3, 4);
    y.close();
  }

  @Test
  void closesOnlyInOrderAndOnItsThread() throws InterruptedException {
    var outer = new Scope();
    var inner = new Scope();
    assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("inner");
    var failure = new AtomicReference<Throwable>();
    var other = new Thread(() -> {
      try {
        inner.close();
      } catch (IllegalStateException e) {
        failure.set(e);
      }
    });
    other.start();
    other.join();
    assertThat(failure.get()).hasMessageContaining("thread");
    inner.close();
    inner.close();
    outer.close();
  }

  @Test
  void scopesOfOtherThreadsDoNotInterfere() throws InterruptedException {
    try (var scope = new Scope()) {
      var made = new AtomicReference<Tensor>();
      var other = new Thread(() -> made.set(Tensor.of(7f)));
      other.start();
      other.join();
      scope.close();
      assertThat(made.get().item()).isEqualTo(7);
      made.get().close();
    }
  }

  @Test
  void whatAThreadLeavesInAnOpenScopeIsForTheCollector() throws InterruptedException {
    long before = Settled.used();
    var shared = new AtomicReference<Tensor>();
    for (int i = 0; i < 5; i++) {
      var other = new Thread(() -> {
        new Scope();
        new Scope();
        Tensor.ones(1000, 100);
        shared.set(Tensor.ones(100, 100));
      });
      other.start();
      other.join();
    }
    for (int i = 0; i < 100 && Settled.used() > before + 100_000; i++) Thread.sleep(20);
    assertThat(Memory.used() - before).isBetween(40_000L, 50_000L);
    assertThat(shared.get().sum().item()).isEqualTo(10_000);
    shared.get().close();
    shared.set(null);
    assertThat(Settled.used()).isEqualTo(before);
  }

  @Test
  void whatIsKeptWhileItsScopeIsClosedIsFreedOnce() throws InterruptedException {
    int rounds = 2000, many = 16, floats = 1 << 10;
    long before = Settled.used();
    for (int r = 0; r < rounds; r++) {
      var scope = new Scope();
      Tensor[] all = new Tensor[many];
      for (int i = 0; i < many; i++) all[i] = Tensor.empty(Shape.of(floats));
      Tensor view = all[0].viewAs(Shape.of(floats, 1)).keep();
      var started = new AtomicBoolean();
      var other = new Thread(() -> {
        started.set(true);
        for (int i = many - 1; i >= 0; i--) {
          try {
            all[i].keep();
          } catch (ClosedTensorException e) {
            // the scope was faster
          }
        }
      });
      other.start();
      while (!started.get()) Thread.onSpinWait();
      scope.close();
      other.join();
      for (Tensor t : all) t.close();
      view.close();
    }
    assertThat(Settled.used()).isEqualTo(before);
    try (var scope = new Scope()) {
      Set<Long> addresses = new HashSet<>();
      for (int i = 0; i < 2 * many; i++) addresses.add(Tensor.empty(Shape.of(floats)).address());
      assertThat(addresses).as("blocks in use").hasSize(2 * many);
    }
  }

  @Test
  void aScopeOpenForLongForgetsWhatIsClosed() {
    try (var scope = new Scope()) {
      Tensor kept = Tensor.ones(1);
      for (int i = 0; i < 100_000; i++) Tensor.ones(1).close();
      assertThat(scope.count()).isLessThan(3000);
      Tensor[] all = new Tensor[5000];
      for (int i = 0; i < all.length; i++) all[i] = Tensor.full(i, 1);
      assertThat(scope.count()).isBetween(5001, 8000);
      assertThat(all[0].add(all[4999]).add(kept).item()).isEqualTo(5000);
    }
  }

  @Test
  void anExceptionInsideStillFrees() {
    long before = Memory.used();
    assertThatThrownBy(() -> {
      try (var scope = new Scope()) {
        Tensor.zeros(1000, 1000).add(Tensor.zeros(3));
      }
    }).isInstanceOf(ShapeException.class);
    assertThat(Memory.used()).isLessThanOrEqualTo(before);
  }
}
