package io.github.einkorn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path dir;

  private static AtomicFile.Contents text(String s) {
    return channel -> channel.write(ByteBuffer.wrap(s.getBytes()));
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(dir.resolve(name), content);
  }

  @Test
  void whatAKilledWriterLeftIsClearedLater() throws IOException {
    String uuid = "0b3f1f6e-8f0c-4b6e-9a53-5f3f6f5d2c11";
    Path stale = file(".a." + uuid + ".tmp", "x"), living = file(".a.1" + uuid.substring(1) + ".tmp", "x");
    Path other = file(".a.b." + uuid + ".tmp", "x"), foreign = file(".a.notes.tmp", "x");
    var old = FileTime.from(Instant.now().minus(Duration.ofMinutes(61)));
    for (Path p : List.of(stale, other, foreign)) Files.setLastModifiedTime(p, old);
    Files.setLastModifiedTime(living, FileTime.from(Instant.now().minus(Duration.ofMinutes(59))));
    AtomicFile.write(dir.resolve("a"), text("a"));
    assertThat(stale).doesNotExist();
    assertThat(living).exists();
    assertThat(other).as("of a.b").exists();
    assertThat(foreign).exists();
  }

  @Test
  void permissionsStay() throws IOException {
    assumeTrue(Files.getFileStore(dir).supportsFileAttributeView("posix"));
    for (String permissions : List.of("rw-rw----", "rw-------", "r--r--r--")) {
      Path a = file(permissions, "old");
      Files.setPosixFilePermissions(a, PosixFilePermissions.fromString(permissions));
      AtomicFile.write(a, text("new"));
      assertThat(a).hasContent("new");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(a))).isEqualTo(permissions);
    }
  }

  @Test
  void aLinkToWhatIsNotThereYetIsFollowed() throws IOException {
    Path first = Files.createSymbolicLink(dir.resolve("first"), Path.of("second"));
    Path second = Files.createSymbolicLink(dir.resolve("second"), Path.of("folder/file"));
    AtomicFile.write(first, text("new"));
    assertThat(first).isSymbolicLink();
    assertThat(second).isSymbolicLink();
    assertThat(dir.resolve("folder/file")).isRegularFile().hasContent("new");

    Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
    assertThatThrownBy(() -> AtomicFile.write(loop, text("new"))).isInstanceOf(FileSystemLoopException.class)
        .hasMessageContaining("loop");
  }
}
