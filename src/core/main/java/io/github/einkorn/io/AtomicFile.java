package io.github.einkorn.io;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Files that appear complete or not at all, whenever the process or the machine stops. */
public final class AtomicFile {
  /** What a file is to hold. */
  public interface Contents {
    /** Writes it; the channel stands at 0. */
    void writeTo(FileChannel channel) throws IOException;
  }

  private static final System.Logger LOG = System.getLogger(AtomicFile.class.getName());
  private static final Duration STALE = Duration.ofHours(1);
  private static final int MOST_LINKS = 40; // as Linux

  private AtomicFile() {}

  /**
   * Writes a temporary file beside the target, syncs it, and renames it over the target. Folders are made. A link stays
   * a link, and what it points to is replaced or made; what is replaced hands on its POSIX permissions, where there
   * are some. Temporary files that a killed process left beside this target are deleted when nothing was written to
   * them for an hour, by the clock of the file system.
   *
   * @throws IOException if that fails; the target is then what it was
   */
  public static void write(Path target, Contents contents) throws IOException {
    Path file = followed(target), folder = file.getParent();
    if (folder == null || Files.isDirectory(file)) throw new IOException(target + " is a folder");
    Files.createDirectories(folder);
    Path temporary = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        keepPermissions(file, temporary); // before there is anything to read
        clearStale(file, temporary);
        contents.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncFolder(folder);
  }

  /** Where a link points, even if nothing is there yet. */
  private static Path followed(Path target) throws IOException {
    Path file = target.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MOST_LINKS) throw new FileSystemLoopException(target.toString());
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  private static void keepPermissions(Path file, Path temporary) throws IOException {
    var view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
    if (view == null || !Files.exists(file)) return;
    var permissions = Files.getPosixFilePermissions(file);
    if (!permissions.equals(view.readAttributes().permissions())) view.setPermissions(permissions);
  }

  private static void clearStale(Path file, Path temporary) {
    String start = "." + file.getFileName() + ".";
    int length = temporary.getFileName().toString().length();
    try {
      Instant now = Files.getLastModifiedTime(temporary).toInstant();
      try (var left = Files.newDirectoryStream(file.getParent(), p -> {
        String name = p.getFileName().toString();
        return name.startsWith(start) && name.endsWith(".tmp") && name.length() == length
            && Files.getLastModifiedTime(p).toInstant().isBefore(now.minus(STALE));
      })) {
        for (Path p : left) Files.deleteIfExists(p);
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.log(Level.DEBUG, "temporary files not cleared beside " + file, e);
    }
  }

  /** Makes the new name durable, where folders can be opened. */
  private static void syncFolder(Path folder) {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "folder not synced: " + folder, e);
    }
  }
}
