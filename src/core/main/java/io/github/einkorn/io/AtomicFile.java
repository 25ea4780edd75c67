package io.github.einkorn.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Files that appear complete or not at all, whenever the process or the machine stops. */
public final class AtomicFile {
  /** What a file is to hold. */
  public interface Contents {
    /** Writes it; the channel stands at 0. */
    void writeTo(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a temporary file beside the target, syncs it, and renames it over the target. Folders are made.
   *
   * @throws IOException if that fails; the target is then what it was
   */
  public static void write(Path target, Contents contents) throws IOException {
    writeAll(Map.of(target, contents));
  }

  /**
   * Writes several files that belong together as {@link #write} does. All temporary files are complete before the first
   * is renamed, and the renames follow one another in the order of the map: only a stop between two of them leaves
   * some files new and others old.
   *
   * @throws IOException if that fails; the targets are then what they were, except those before one that cannot be
   *     renamed
   */
  public static void writeAll(Map<Path, ? extends Contents> files) throws IOException {
    List<Aside> asides = new ArrayList<>();
    try {
      for (var e : files.entrySet()) {
        Aside aside = Aside.of(e.getKey());
        asides.add(aside);
        aside.write(e.getValue());
      }
      for (Aside aside : asides) {
        Files.move(aside.temporary, aside.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      for (Aside aside : asides) Files.deleteIfExists(aside.temporary);
    }
    asides.stream().map(Aside::folder).distinct().forEach(AtomicFile::syncFolder);
  }

  /** A file and the temporary one that will replace it. */
  private record Aside(Path file, Path temporary) {
    static Aside of(Path target) throws IOException {
      Path file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath(); // a link stays a link
      if (file.getParent() == null || Files.isDirectory(file)) throw new IOException(target + " is a folder");
      return new Aside(file, file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp"));
    }

    Path folder() {
      return file.getParent();
    }

    void write(Contents contents) throws IOException {
      Files.createDirectories(folder());
      try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        contents.writeTo(channel);
        channel.force(true);
      }
    }
  }

  /** Makes the new name durable, where folders can be opened. */
  private static void syncFolder(Path folder) {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      System.getLogger(AtomicFile.class.getName()).log(System.Logger.Level.DEBUG, "folder not synced: " + folder, e);
    }
  }
}
