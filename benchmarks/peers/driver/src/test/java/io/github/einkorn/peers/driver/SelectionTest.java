package io.github.einkorn.peers.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.peers.Task;
import io.github.einkorn.peers.Whole;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {
  @Test
  void groupsAndTasksInTheOrderOfTheTable() {
    assertThat(Selection.tasks(List.of("w6-infer-1", "W5", "W5-train-16"))).extracting(Task::toString)
        .containsExactly("W5-train-16", "W5-infer-16", "W6-infer-1");
    assertThat(Selection.tasks(List.of("W8"))).containsExactly(Whole.DOWNLOAD, Whole.COLD_START, Whole.MNIST);
    assertThat(Selection.groups()).containsExactly("W1", "W2", "W3", "W4", "W5", "W6", "resnet50", "mobilenet",
        "quickstart", "W7", "W8", "W9");
  }

  @Test
  void everythingButTheLongOneByDefault() {
    assertThat(Selection.tasks(List.of())).hasSize(Task.all().size() - 1).doesNotContain(Whole.MNIST);
  }

  @Test
  void everyNameIsItsOwn() {
    assertThat(Task.all()).doesNotHaveDuplicates().allSatisfy(t -> assertThat(Task.of(t.toString())).isEqualTo(t));
  }

  @Test
  void unknownNames() {
    assertThatThrownBy(() -> Selection.tasks(List.of("W10"))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--only: expected one of W1, W2").hasMessageEndingWith("got W10");
    assertThatThrownBy(() -> Selection.libraries(List.of("torch")))
        .hasMessageStartingWith("--libs: expected some of einkorn, pytorch").hasMessageEndingWith("got torch");
  }

  @Test
  void libraries() {
    assertThat(Selection.libraries(List.of("PyTorch", "einkorn"))).containsExactly(Library.EINKORN, Library.PYTORCH);
    assertThat(Selection.libraries(List.of())).containsExactly(Library.values());
  }
}
