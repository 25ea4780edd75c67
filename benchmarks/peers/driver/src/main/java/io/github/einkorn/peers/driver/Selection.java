package io.github.einkorn.peers.driver;

import io.github.einkorn.peers.Task;
import io.github.einkorn.peers.Whole;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the words of the command line stand for. */
final class Selection {
  private Selection() {}

  /**
   * Tasks by name, or by the group they belong to; all but the long one where no words are given.
   *
   * @throws IllegalArgumentException if a word is neither
   */
  static List<Task> tasks(List<String> words) {
    if (words.isEmpty()) return Task.all().stream().filter(t -> t != Whole.MNIST).toList();
    Set<Task> wanted = new LinkedHashSet<>();
    for (String word : words) {
      List<Task> found = Task.all().stream()
          .filter(t -> word.equalsIgnoreCase(t.group()) || word.equalsIgnoreCase(t.toString())).toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("--only: expected one of " + String.join(", ", groups())
            + ", or the name of a task, which --list shows; got " + word);
      }
      wanted.addAll(found);
    }
    return Task.all().stream().filter(wanted::contains).toList();
  }

  static List<String> groups() {
    return Task.all().stream().map(Task::group).distinct().toList();
  }

  /**
   * Libraries by name in the order of the table; all where no words are given.
   *
   * @throws IllegalArgumentException if there is none of a name
   */
  static List<Library> libraries(List<String> words) {
    List<String> names = Arrays.stream(Library.values()).map(Library::toString).toList();
    for (String word : words) {
      if (!names.contains(word.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("--libs: expected some of " + String.join(", ", names) + "; got " + word);
      }
    }
    return Arrays.stream(Library.values())
        .filter(l -> words.isEmpty() || words.stream().anyMatch(l.toString()::equalsIgnoreCase)).toList();
  }
}
