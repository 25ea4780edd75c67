package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Einkorn;
import io.github.einkorn.Scope;
import io.github.einkorn.examples.Page.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The walks through the lectures compile, print what they say they print, and say the same in both languages. */
class LecturesPagesTest {
  private static final Path LECTURES = Page.ROOT.resolve("docs/lectures");

  @TempDir Path folder;

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(LECTURES.resolve("en"))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void thereIsAPageForEachLectureInBothLanguages() throws IOException {
    assertThat(names()).hasSize(5);
    try (Stream<Path> files = Files.list(LECTURES.resolve("ko"))) {
      assertThat(files.map(f -> f.getFileName().toString()).sorted().toList()).isEqualTo(names());
    }
    String index = Files.readString(LECTURES.resolve("README.md"));
    for (String name : names()) assertThat(index).contains("(en/" + name + ")", "(ko/" + name + ")");
  }

  @ParameterizedTest
  @MethodSource("names")
  void snippetsCompileAndPrintWhatThePageSays(String name) throws Exception {
    Page page = Page.read(LECTURES.resolve("en").resolve(name));
    assertThat(page.compile(folder)).isEmpty();
    Einkorn.seed(0);
    try (var scope = new Scope()) {
      var printed = page.run(folder);
      List<Fence> texts = page.fences().stream().filter(f -> f.info().equals("text")).toList();
      assertThat(texts).isNotEmpty();
      for (Fence text : texts) {
        assertThat(printed.get(text.line())).as(page.file() + ":" + text.line()).isEqualTo(text.body());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void bothLanguagesHaveTheSameSnippets(String name) throws IOException {
    Page korean = Page.read(LECTURES.resolve("ko").resolve(name));
    assertThat(korean.compile(folder)).isEmpty();
    assertThat(snippets(korean)).isEqualTo(snippets(Page.read(LECTURES.resolve("en").resolve(name))));
  }

  private static List<String> snippets(Page page) {
    return page.fences().stream().map(f -> f.info() + "\n" + String.join("\n", f.body())).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"en", "ko"})
  void pagesNameProgramsThatAre(String language) throws IOException {
    List<String> programs = Examples.ALL.stream().map(p -> p.get().name()).toList();
    var missing = new ArrayList<String>();
    for (String name : names()) {
      var named = Pattern.compile("scripts/example\\.sh (\\w+)")
          .matcher(Files.readString(LECTURES.resolve(language).resolve(name)));
      while (named.find()) {
        String program = named.group(1);
        if (!programs.contains(program)) missing.add(name + ": " + program);
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void whatDoesNotCompileIsSaidWithItsLine() throws IOException {
    Path file = Files.writeString(folder.resolve("bad.md"), "# Bad\n\n```java\nint a = 1;\nint b = \"2\";\n```\n");
    assertThat(Page.read(file).compile(folder)).singleElement().asString().startsWith(file + ":5: incompatible types");
  }

  @Test
  void whatIsPrintedBelongsToItsFence() throws Exception {
    Path file = Files.writeString(folder.resolve("good.md"), """
        # Good
        ```java
        System.out.println("one");
        ```
        ```java no-run
        System.out.println("never");
        ```
        ```text
        one
        ```
        ## Next
        ```java
        System.out.println("two");
        ```
        ```text
        ```
        """);
    Page page = Page.read(file);
    assertThat(page.compile(folder)).isEmpty();
    assertThat(page.run(folder)).isEqualTo(Map.of(8, List.of("one"), 15, List.of("two")));
  }
}
