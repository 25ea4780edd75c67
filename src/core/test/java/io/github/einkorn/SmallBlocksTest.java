package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SmallBlocksTest {
  @Test
  void aFreedBlockIsTakenAgainAndCountsAsCached() {
    try (var scope = new Scope()) {
      Tensor first = Tensor.zeros(30); // 120 bytes, a block of 128
      long address = first.address(), used = Memory.used(), cached = Memory.cached(), peak = Memory.peak();
      first.close();
      assertThat(Memory.used()).isEqualTo(used - 128);
      assertThat(Memory.cached()).isEqualTo(cached + 128);
      Tensor second = Tensor.ones(17);
      assertThat(second.address()).isEqualTo(address);
      assertThat(Memory.used()).isEqualTo(used);
      assertThat(Memory.peak()).isEqualTo(peak);
    }
  }

  @Test
  void fewBytesAreKeptAndNoneAreLost() {
    for (int floats : new int[] {1, 16, 17, 100, 256, 257, 1000}) {
      long used = Settled.used();
      try (var scope = new Scope()) {
        for (int i = 0; i < 3000; i++) Tensor.full(i, floats);
        assertThat(Memory.used() - used).isGreaterThanOrEqualTo(3000L * floats * 4);
      }
      assertThat(Memory.used()).isEqualTo(used);
      assertThat(SmallBlocks.held()).isLessThanOrEqualTo(SmallBlocks.MOST);
    }
  }

  @Test
  void oneThreadHasThemForItselfAndOthersDoWithoutThem() throws Exception {
    long used = Settled.used();
    try (var scope = new Scope()) {
      Tensor.zeros(30).close();
      assertThat(SmallBlocks.enter(Context.get().number)).isTrue();
      try {
        assertThat(SmallBlocks.enter(Context.get().number)).isFalse();
        long kept = SmallBlocks.held();
        var other = Executors.newSingleThreadExecutor();
        other.submit(() -> {
          assertThat(SmallBlocks.enter(Context.get().number)).isFalse();
          Tensor.zeros(30).close();
        }).get();
        other.shutdown();
        assertThat(SmallBlocks.held()).isEqualTo(kept);
        Tensor mine = Tensor.zeros(30);
        assertThat(SmallBlocks.held()).isEqualTo(kept - 128);
        mine.close();
        assertThat(SmallBlocks.held()).isEqualTo(kept);
      } finally {
        SmallBlocks.leave();
      }
      assertThat(SmallBlocks.enter(Context.get().number)).isTrue();
      SmallBlocks.leave();
    }
    assertThat(Memory.used()).isEqualTo(used);
  }

  @Test
  void noTwoTensorsShareABlock() throws Exception {
    long used = Settled.used();
    var threads = Executors.newFixedThreadPool(4);
    var results = new ArrayList<Future<Boolean>>();
    for (int t = 0; t < 4; t++) {
      int mine = t;
      results.add(threads.submit((Callable<Boolean>) () -> keepsItsNumbers(mine)));
    }
    for (Future<Boolean> result : results) assertThat(result.get()).isTrue();
    threads.shutdown();
    assertThat(Memory.used()).isEqualTo(used);
  }

  private static boolean keepsItsNumbers(int thread) {
    for (int round = 0; round < 2000; round++) {
      try (var scope = new Scope()) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) all.add(Tensor.full(thread * 100 + i, 1 + (i * 37 + round) % 300));
        for (int i = 0; i < 20; i++) {
          for (float v : all.get(i).toFloats()) if (v != thread * 100 + i) return false;
        }
      }
    }
    return true;
  }
}
