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
      Path file = followed(target);
      if (file.getParent() == null || Files.isDirectory(file)) throw new IOException(target + " is a folder");
      return new Aside(file, file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp"));
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

    Path folder() {
      return file.getParent();
    }

    void write(Contents contents) throws IOException {
      Files.createDirectories(folder());
      try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        keepPermissions(); // before there is anything to read
        clearStale();
        contents.writeTo(channel);
        channel.force(true);
      }
    }

    private void keepPermissions() throws IOException {
      var view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
      if (view == null || !Files.exists(file)) return;
      var permissions = Files.getPosixFilePermissions(file);
      if (!permissions.equals(view.readAttributes().permissions())) view.setPermissions(permissions);
    }

    private void clearStale() {
      String start = "." + file.getFileName() + ".";
      int length = temporary.getFileName().toString().length();
      try {
        Instant now = Files.getLastModifiedTime(temporary).toInstant();
        try (var left = Files.newDirectoryStream(folder(), p -> {
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
