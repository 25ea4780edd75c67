package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a program sees that cannot load the native library: the same sentence at every attempt. */
class NativeTest {
  /** Tries twice, because the first failure of a class initialiser is another one than the second. */
  static final class Program {
    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println(Tensor.ones(2));
        } catch (EinkornException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static String run(String classPath, Map<String, String> environment, String... options) throws IOException {
    var command = new java.util.ArrayList<>(java.util.List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(Arrays.asList(options));
    command.addAll(java.util.List.of("-cp", classPath, Program.class.getName()));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void aMissingJarIsNamed() throws IOException {
    String withoutNatives = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("linux-x86_64") && !entry.endsWith("native"))
        .collect(Collectors.joining(File.pathSeparator));
    String sentence = "no native library for linux-x86_64 on the class path: "
        + "add the dependency io.github.einkorn:einkorn-platform\n";
    assertThat(run(withoutNatives, Map.of())).isEqualTo(sentence + sentence);
  }

  @Test
  void settingsThatMeanNothingAreRefused() throws IOException {
    String all = System.getProperty("java.class.path");
    assertThat(run(all, Map.of("EINKORN_ISA", "mmx"))).startsWith("EINKORN_ISA=mmx: expected scalar, avx2 or avx512\n");
    assertThat(run(all, Map.of(), "-Deinkorn.maxBytes=much")).startsWith("einkorn.maxBytes=much: expected a number");
  }
}
