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
    Page readme = Page.read(Page.ROOT.resolve("README.md"));
    List<String> lines = readme.fences().stream().filter(Page.Fence::isJava).findFirst().orElseThrow().body().stream()
        .map(String::strip).toList();
    assertThat(lines).hasSize(10);
    List<String> source = Files.readAllLines(Path.of("main/java/io/github/einkorn/examples/TenLines.java")).stream()
        .map(String::strip).toList();
    assertThat(source).containsSubsequence(lines);
  }
}
