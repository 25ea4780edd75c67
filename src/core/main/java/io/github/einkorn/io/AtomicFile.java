package io.github.einkorn.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
    Path file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath(); // a link stays a link
    Path folder = file.getParent();
    if (folder == null || Files.isDirectory(file)) throw new IOException(target + " is a folder");
    Files.createDirectories(folder);
    Path temporary = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        contents.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncFolder(folder);
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
