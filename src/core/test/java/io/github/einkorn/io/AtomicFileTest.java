package io.github.einkorn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.einkorn.Scope;
import io.github.einkorn.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  void severalFilesAppearOnlyWhenAllAreWritten() throws IOException {
    Path a = file("a", "old a"), b = file("b", "old b"), c = dir.resolve("folder/c");
    var files = new LinkedHashMap<Path, AtomicFile.Contents>();
    files.put(a, text("new a"));
    files.put(c, text("new c"));
    files.put(b, channel -> {
      assertThat(a).as("while the last is written").hasContent("old a");
      assertThat(c).doesNotExist();
      text("new b").writeTo(channel);
    });
    AtomicFile.writeAll(files);
    assertThat(a).hasContent("new a");
    assertThat(b).hasContent("new b");
    assertThat(c).hasContent("new c");
    assertThat(dir.toFile().list()).containsExactlyInAnyOrder("a", "b", "folder");
    assertThat(c.getParent().toFile().list()).containsExactly("c");
  }

  @Test
  void oneThatFailsLeavesAllFilesAsTheyWere() throws IOException {
    Path a = file("a", "old a"), b = dir.resolve("b");
    var files = new LinkedHashMap<Path, AtomicFile.Contents>();
    files.put(a, text("new a"));
    files.put(b, channel -> {
      throw new IOException("disk full");
    });
    assertThatThrownBy(() -> AtomicFile.writeAll(files)).hasMessage("disk full");
    assertThat(a).hasContent("old a");
    assertThat(dir.toFile().list()).containsExactly("a");
  }

  @Test
  void tensorsGoIntoSeveralFiles() throws IOException {
    try (var scope = new Scope()) {
      Path a = dir.resolve("a"), b = dir.resolve("b");
      AtomicFile.writeAll(Map.of(a, Safetensors.contents(Map.of("x", Tensor.of(1f)), Map.of("k", "v")),
          b, Safetensors.contents(Map.of("y", Tensor.of(2f)), Map.of())));
      assertThat(Safetensors.read(a).get("x").item()).isEqualTo(1);
      assertThat(Safetensors.metadata(a)).containsExactly(Map.entry("k", "v"));
      assertThat(Safetensors.read(b).get("y").item()).isEqualTo(2);
    }
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
