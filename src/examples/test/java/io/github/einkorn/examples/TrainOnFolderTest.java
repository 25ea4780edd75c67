package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.examples.DrawnImages.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainOnFolderTest {
  @Test
  void itLearnsLyingFromStandingStripes(@TempDir Path root) throws IOException {
    DrawnImages.write(root, 100, 40, 1, Kind.LYING, Kind.STANDING);
    Files.writeString(root.resolve("lying/broken.jpg"), "no image");
    assertThat(TrainOnFolder.run(root, 4, 28)).isGreaterThanOrEqualTo(0.9);
  }
}
