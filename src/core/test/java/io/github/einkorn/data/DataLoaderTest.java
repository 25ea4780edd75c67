package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Memory;
import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataLoaderTest {
  private static DataLoader loader(int n) {
    return new DataLoader(DatasetTest.numbers(n));
  }

  private static List<List<Long>> labels(DataLoader loader) {
    List<List<Long>> all = new ArrayList<>();
    for (Batch b : loader) {
      List<Long> one = new ArrayList<>();
      for (long y : b.y().toLongs()) one.add(y);
      all.add(one);
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7})
  void batchesComeInOrder(int prefetch) {
    DataLoader d = loader(7).batchSize(3).prefetch(prefetch);
    assertThat(d.batches()).isEqualTo(3);
    assertThat(labels(d)).containsExactly(List.of(0L, 1L, 2L), List.of(3L, 4L, 5L), List.of(6L));
    d.dropLast(true);
    assertThat(d.batches()).isEqualTo(2);
    assertThat(labels(d)).containsExactly(List.of(0L, 1L, 2L), List.of(3L, 4L, 5L));
    assertThat(labels(loader(6).batchSize(3).dropLast(true))).hasSize(2);
    assertThat(labels(loader(2).prefetch(prefetch))).containsExactly(List.of(0L), List.of(1L));
  }

  @Test
  void everyEpochHasAnOrderOfItsOwnThatTheSeedRepeats() {
    List<List<List<Long>>> runs = new ArrayList<>();
    for (int prefetch : new int[] {0, 2}) {
      Einkorn.seed(5);
      DataLoader d = loader(100).batchSize(10).shuffle(true).prefetch(prefetch);
      runs.add(labels(d));
      runs.add(labels(d));
    }
    assertThat(runs.get(0)).isNotEqualTo(runs.get(1));
    assertThat(runs.get(2)).isEqualTo(runs.get(0));
    assertThat(runs.get(3)).isEqualTo(runs.get(1));
    assertThat(runs.get(0).stream().flatMap(List::stream).distinct().count()).isEqualTo(100);
  }

  @Test
  void aSeedOfItsOwnDoesNotDependOnTheGlobalOne() {
    Einkorn.seed(1);
    DataLoader a = loader(50).batchSize(50).shuffle(true).seed(9);
    var first = labels(a);
    var second = labels(a);
    Einkorn.seed(2);
    DataLoader b = loader(50).batchSize(50).shuffle(true).seed(9);
    assertThat(labels(b)).isEqualTo(first);
    assertThat(labels(b)).isEqualTo(second).isNotEqualTo(first);
  }

  @Test
  void withoutShuffleNoRandomNumbersAreUsed() {
    Einkorn.seed(1);
    labels(loader(10));
    assertThat(io.github.einkorn.Random.count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aBatchIsFreedWhenTheNextIsTaken(int prefetch) {
    Iterator<Batch> i = loader(6).batchSize(2).prefetch(prefetch).iterator();
    Batch a = i.next();
    Batch b = i.next().keep();
    assertThat(a.x().isClosed()).isTrue();
    assertThatThrownBy(() -> a.x().toFloats()).isInstanceOf(ClosedTensorException.class)
        .hasMessageContaining("closed by its DataLoader").hasMessageContaining("batch.keep()");
    Batch c = i.next();
    assertThat(b.y().toLongs()).containsExactly(2, 3);
    assertThat(c.y().toLongs()).containsExactly(4, 5);
    assertThat(i.hasNext()).isFalse();
    assertThat(c.x().isClosed()).isTrue();
    assertThat(b.y().isClosed()).isFalse();
    assertThatThrownBy(i::next).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(a::keep).isInstanceOf(ClosedTensorException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void batchesOutliveTheScopesAround(int prefetch) {
    Iterator<Batch> i = loader(4).batchSize(2).prefetch(prefetch).iterator();
    Batch b;
    try (var scope = new Scope()) {
      b = i.next();
    }
    assertThat(b.y().toLongs()).containsExactly(0, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void memoryReturnsToWhereItWas(int prefetch) {
    DataLoader tensors = loader(1000).batchSize(64).shuffle(true).prefetch(prefetch);
    Dataset made = DatasetTest.oneByOne(1000);
    DataLoader samples = new DataLoader(made).batchSize(64).prefetch(prefetch);
    labels(tensors);
    long before = DatasetTest.usedMemory();
    for (int epoch = 0; epoch < 5; epoch++) {
      labels(tensors);
      labels(samples);
    }
    assertThat(Memory.used()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void whatTheDataSetThrowsArrivesAtItsBatch(int prefetch) {
    var failure = new IllegalStateException("sample 5 is bad");
    Dataset bad = DatasetTest.numbers(10).map(s -> {
      if (s.y().item() == 5) throw failure;
      return s;
    });
    Iterator<Batch> i = new DataLoader(bad).batchSize(2).prefetch(prefetch).iterator();
    assertThat(i.next().y().toLongs()).containsExactly(0, 1);
    Batch last = i.next();
    assertThat(last.y().toLongs()).containsExactly(2, 3);
    assertThatThrownBy(i::next).isSameAs(failure);
    assertThat(last.y().isClosed()).isTrue();
    assertThat(i.hasNext()).isFalse();
    Dataset error = DatasetTest.numbers(10).map(s -> {
      throw new StackOverflowError();
    });
    assertThatThrownBy(() -> labels(new DataLoader(error).prefetch(prefetch))).isInstanceOf(StackOverflowError.class);
  }

  /** The background thread of an iterator that nobody uses any more ends, and its batches are freed. */
  @Test
  void anAbandonedIteratorIsCleanedUp() throws Exception {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Tensor x = Tensor.zeros(1000, 1000);
    Dataset d = new TensorDataset(x, x).map(s -> {
      threads.add(Thread.currentThread());
      return s;
    });
    DataLoader loader = new DataLoader(d).batchSize(100);
    long before = DatasetTest.usedMemory();
    for (int i = 0; i < 5; i++) {
      for (Batch b : loader) {
        assertThat(b.size()).isEqualTo(100);
        break;
      }
    }
    for (int i = 0; i < 100 && (threads.stream().anyMatch(Thread::isAlive) || Memory.used() != before); i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(threads).hasSize(5).noneMatch(Thread::isAlive).allMatch(Thread::isDaemon);
    assertThat(Memory.used()).isEqualTo(before);
  }

  /** Batches may be finished in any order: they come in theirs, and a failure comes after those before it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void slowBatchesDoNotComeLate(int workers) {
    Dataset uneven = DatasetTest.numbers(24).map(s -> {
      int y = (int) s.y().item();
      LockSupport.parkNanos(y % 3 == 0 ? 4_000_000 : 100_000);
      if (y == 20) throw new IllegalStateException("sample 20 is bad");
      return s;
    });
    List<Long> seen = new ArrayList<>();
    DataLoader loader = new DataLoader(uneven).batchSize(2).workers(workers).prefetch(1);
    assertThatThrownBy(() -> loader.forEach(b -> seen.add(b.y().toLongs()[0]))).hasMessage("sample 20 is bad");
    assertThat(seen).containsExactly(0L, 2L, 4L, 6L, 8L, 10L, 12L, 14L, 16L, 18L);
  }

  @Test
  void severalWorkersOfAnAbandonedIteratorEnd() throws Exception {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Dataset d = DatasetTest.oneByOne(1000).map(s -> {
      threads.add(Thread.currentThread());
      return s;
    });
    long before = DatasetTest.usedMemory();
    for (Batch b : new DataLoader(d).batchSize(10).workers(3)) {
      if (b.y().toLongs()[0] >= 300) break;
    }
    for (int i = 0; i < 100 && (threads.stream().anyMatch(Thread::isAlive) || Memory.used() != before); i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(threads).noneMatch(Thread::isAlive).allMatch(Thread::isDaemon);
    assertThat(Memory.used()).isEqualTo(before);
  }

  /** What a label says that the model has no output for. */
  @Test
  void labelsBeyondTheClassesAreNamed() {
    var model = new io.github.einkorn.nn.Linear(2, 3);
    var trainer = new io.github.einkorn.train.Trainer(model).loss(new io.github.einkorn.nn.CrossEntropyLoss())
        .optimizer(new io.github.einkorn.optim.SGD(model.parameters(), 0.1));
    assertThatThrownBy(() -> trainer.fit(loader(5).batchSize(5), 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label 3 at row 3 is outside 0..2");
  }

  @Test
  void twoIterationsAtOnceDoNotDisturbEachOther() {
    DataLoader d = loader(6).batchSize(2);
    Iterator<Batch> a = d.iterator();
    Iterator<Batch> b = d.iterator();
    Batch a0 = a.next();
    b.next();
    b.next();
    assertThat(a0.y().toLongs()).containsExactly(0, 1);
    assertThat(a.next().y().toLongs()).containsExactly(2, 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aClosedIterationHasEnded(int prefetch) throws InterruptedException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Dataset watched = DatasetTest.numbers(100).map(s -> {
      threads.add(Thread.currentThread());
      return s;
    });
    Batch first;
    try (var batches = new DataLoader(watched).workers(2).prefetch(prefetch).iterator()) {
      first = batches.next();
      batches.close();
      assertThat(batches.hasNext()).isFalse();
      assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThatThrownBy(() -> first.x().toFloats()).isInstanceOf(ClosedTensorException.class);
    threads.remove(Thread.currentThread());
    for (Thread t : threads) {
      t.join(10_000);
      assertThat(t.isAlive()).isFalse();
    }
  }

  @Test
  void aWaitingThreadCanBeInterrupted() {
    Dataset slow = DatasetTest.numbers(4).map(s -> {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return s;
    });
    Iterator<Batch> i = new DataLoader(slow).iterator();
    Thread.currentThread().interrupt();
    assertThatThrownBy(i::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @Timeout(60)
  void aWaitingThreadLearnsThatAnotherClosedTheIteration() throws Exception {
    var begun = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    Dataset slow = DatasetTest.numbers(4).map(s -> {
      begun.countDown();
      try {
        closed.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return s;
    });
    var batches = new DataLoader(slow).iterator();
    var seen = new CompletableFuture<Throwable>();
    var waiting = new Thread(() -> {
      try {
        batches.next();
        seen.complete(null);
      } catch (Throwable e) {
        seen.complete(e);
      }
    });
    waiting.setDaemon(true);
    waiting.start();
    begun.await();
    while (waiting.getState() != Thread.State.WAITING) Thread.sleep(1);
    batches.close();
    try {
      assertThat(seen.get(10, TimeUnit.SECONDS)).isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining("closed");
    } finally {
      closed.countDown();
    }
    assertThat(batches.hasNext()).isFalse();
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> new DataLoader(loader(3).dataset().take(0))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> loader(3).batchSize(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> loader(3).batchSize(-4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> loader(3).prefetch(-1)).isInstanceOf(IllegalArgumentException.class);
    DataLoader none = loader(60).batchSize(100).dropLast(true);
    assertThat(none.batches()).isZero();
    assertThatThrownBy(none::iterator).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DataLoader: dropLast leaves no batch of 100 from 60 samples");
    assertThat(labels(loader(3).batchSize(Integer.MAX_VALUE))).hasSize(1);
  }
}
