package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the README shows first is what compiles here. */
class ReadmeTest {
  @Test
  void theProgramOfTheReadmeIsTenLines() throws IOException {
    String readme = Files.readString(Path.of("..", "..", "README.md"));
    String program = readme.split("```java\n", 2)[1].split("```", 2)[0];
    List<String> lines = program.lines().map(String::strip).toList();
    assertThat(lines).hasSize(10);
    List<String> source = Files.readAllLines(Path.of("main/java/io/github/einkorn/examples/TenLines.java")).stream()
        .map(String::strip).toList();
    assertThat(source).containsSubsequence(lines);
  }
}
