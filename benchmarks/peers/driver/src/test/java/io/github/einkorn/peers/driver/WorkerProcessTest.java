package io.github.einkorn.peers.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.peers.driver.WorkerProcess.Failed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are shell scripts. */
class WorkerProcessTest {
  @TempDir
  private Path folder;

  private WorkerProcess worker(String script, double timeout) throws Failed {
    return new WorkerProcess(List.of("sh", "-c", script), Map.of("WORD", "ready"), folder.resolve("log"), timeout);
  }

  @Test
  void aRound() throws Failed {
    try (var w = worker("echo some remark; echo $WORD 2.5; read a b; echo ms $b 0.99; read rest", 10)) {
      assertThat(w.ready()).isEqualTo(2.5);
      assertThat(w.peakBytes()).isPositive();
      assertThat(w.go(7)).isEqualTo(new WorkerProcess.Answer(7, 0.99));
    }
  }

  @Test
  void aCrashTellsItsLastWords() throws Failed {
    try (var w = worker("echo 'Exception in thread \"main\" Oops: no luck' >&2; echo '  at nowhere' >&2; exit 3", 10)) {
      assertThatThrownBy(w::ready).hasMessage("ended with exit code 3: Exception in thread \"main\" Oops: no luck");
    }
    try (var w = worker("kill -9 $$", 10)) {
      assertThatThrownBy(w::ready).hasMessage("was killed, as happens when memory runs out");
    }
    try (var w = worker("kill -11 $$", 10)) {
      assertThatThrownBy(w::ready).hasMessage("died of signal 11");
    }
  }

  @Test
  void aWorkerThatHangsIsGivenUp() throws Failed {
    try (var w = worker("exec sleep 30", 0.3)) {
      assertThatThrownBy(w::ready).hasMessageStartingWith("no answer for");
    }
  }

  @Test
  void whatALibraryDoesNotDo() throws Failed {
    try (var w = worker("echo unsupported it does not train", 10)) {
      assertThatThrownBy(w::ready).hasMessage("it does not train");
    }
  }

  @Test
  void nonsense() throws Failed {
    try (var w = worker("echo ready soon; read rest", 10)) {
      assertThatThrownBy(w::ready).hasMessage("expected a number of milliseconds, got \"soon\"");
    }
    assertThatThrownBy(() -> new WorkerProcess(List.of("/no/such/program"), Map.of(), folder.resolve("log"), 1))
        .hasMessageStartingWith("cannot be started: ");
  }
}
