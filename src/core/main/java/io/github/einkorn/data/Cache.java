package io.github.einkorn.data;

import io.github.einkorn.EinkornException;
import io.github.einkorn.FormatException;
import io.github.einkorn.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of a data set in a folder of this user. Each is checked against its SHA-256 whenever it is read, and
 * fetched from the first source that has it when it is missing or corrupt. Files appear whole (written aside, then
 * renamed), and only one process fetches at a time.
 */
final class Cache {
  private static final System.Logger LOG = System.getLogger("io.github.einkorn.data");
  private static final long RETRY_NANOS = 60_000_000_000L;
  private static final Object FETCHING = new Object(); // a file lock does not exclude threads of this process
  private static final Map<Path, Failure> FAILURES = new ConcurrentHashMap<>();

  /** A file: name, length and SHA-256 of its uncompressed content. */
  record Entry(String name, long bytes, String sha256) {}

  /** Where files can be had; {@code toString()} says so. */
  interface Source {
    /** Hands over the uncompressed content of as many of the wanted files as it has. */
    void fetch(List<Entry> wanted, Sink sink) throws IOException;
  }

  /** Takes one file. */
  interface Sink {
    void accept(Entry entry, InputStream content) throws IOException;
  }

  /** No source had the files; the message says what each of them answered. */
  static final class Unavailable extends EinkornException {
    private static final long serialVersionUID = 1;

    Unavailable(String message) {
      super(message);
    }
  }

  /** How the content of a file becomes a tensor. */
  interface Parser {
    /** Reads a stream that can be marked, of a known length; the name is for messages. */
    Tensor read(InputStream in, long length, String name) throws IOException;
  }

  private record Failure(String message, long nanos) {}

  private final String title;
  private final Path folder;
  private final List<Entry> entries;
  private final List<Source> sources;
  private final Parser parser;

  /** Of IDX files. */
  Cache(String title, Path folder, List<Entry> entries, List<Source> sources) {
    this(title, folder, entries, sources, Idx::read);
  }

  Cache(String title, Path folder, List<Entry> entries, List<Source> sources, Parser parser) {
    this.title = title;
    this.folder = folder.toAbsolutePath();
    this.entries = entries;
    this.sources = sources;
    this.parser = parser;
  }

  /** The system property einkorn.home, else the environment's EINKORN_HOME, else ~/.cache/einkorn. */
  static Path home() {
    String home = System.getProperty("einkorn.home", System.getenv("EINKORN_HOME"));
    if (home != null && !home.isBlank()) return Path.of(home);
    return Path.of(System.getProperty("user.home"), ".cache", "einkorn");
  }

  /**
   * The content of a file.
   *
   * @throws Unavailable if it is neither here nor to be had
   */
  Tensor load(String name) {
    Entry entry = entries.stream().filter(e -> e.name.equals(name)).findFirst().orElseThrow();
    Tensor x = open(entry);
    if (x == null) {
      fetch();
      x = open(entry);
    }
    if (x == null) throw new EinkornException(folder.resolve(name) + " vanished or changed after it was written");
    return x;
  }

  /** Null if the file is missing or corrupt. */
  private Tensor open(Entry entry) {
    Path file = folder.resolve(entry.name);
    if (!Files.exists(file)) return null;
    MessageDigest digest = sha256();
    try (var in = new BufferedInputStream(new DigestInputStream(Files.newInputStream(file), digest), 1 << 16)) {
      Tensor x = parser.read(in, Files.size(file), file.toString());
      if (hex(digest).equals(entry.sha256)) return x;
      x.close();
      LOG.log(Level.WARNING, "{0}: {1} is corrupt (its SHA-256 is wrong); fetching it again", title, file);
    } catch (FormatException e) {
      LOG.log(Level.WARNING, "{0}: a file of the cache is corrupt ({1}); fetching it again", title, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    return null;
  }

  /** Fetches whatever is missing or corrupt. */
  private void fetch() {
    Failure before = FAILURES.get(folder);
    if (before != null && System.nanoTime() - before.nanos < RETRY_NANOS) throw new Unavailable(before.message);
    synchronized (FETCHING) {
      try {
        Files.createDirectories(folder);
        try (FileChannel channel =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var lock = channel.lock()) {
          fetchLocked();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            title + ": cannot write to " + folder + " (" + e + "); set EINKORN_HOME to another folder", e);
      }
    }
  }

  private void fetchLocked() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.part")) {
      for (Path p : left) Files.deleteIfExists(p); // of a process that was killed
    }
    List<Entry> wanted = missing();
    StringBuilder failures = new StringBuilder();
    for (Source source : sources) {
      if (wanted.isEmpty()) break;
      LOG.log(Level.INFO, "{0}: fetching {1} files from {2} into {3}", title, wanted.size(), source, folder);
      try {
        source.fetch(wanted, this::store);
      } catch (IOException e) {
        failures.append("\n  ").append(source).append(": ").append(e.getMessage());
        LOG.log(Level.INFO, "{0}: {1}: {2}", title, source, e.getMessage());
      }
      wanted = missing();
    }
    if (wanted.isEmpty()) {
      FAILURES.remove(folder);
      return;
    }
    String message = title + " is not in " + folder + " and could not be fetched:" + failures;
    FAILURES.put(folder, new Failure(message, System.nanoTime()));
    throw new Unavailable(message);
  }

  private List<Entry> missing() throws IOException {
    List<Entry> missing = new ArrayList<>();
    for (Entry e : entries) {
      Path file = folder.resolve(e.name);
      if (!Files.exists(file) || Files.size(file) != e.bytes || !sha256(file).equals(e.sha256)) missing.add(e);
    }
    return missing;
  }

  private void store(Entry entry, InputStream content) throws IOException {
    Path part = Files.createTempFile(folder, entry.name, ".part");
    try {
      MessageDigest digest = sha256();
      try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
        byte[] piece = new byte[1 << 18];
        long left = entry.bytes;
        for (int n; (n = content.read(piece, 0, piece.length)) >= 0; left -= n) {
          if (n > left) throw new IOException(entry.name + " is longer than " + entry.bytes + " bytes");
          digest.update(piece, 0, n);
          ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
          while (bytes.hasRemaining()) out.write(bytes);
        }
        String sha = hex(digest);
        if (!sha.equals(entry.sha256)) {
          throw new IOException(entry.name + " has SHA-256 " + sha + ", expected " + entry.sha256);
        }
        out.force(true);
      }
      Files.move(part, folder.resolve(entry.name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] piece = new byte[1 << 18];
      for (int n; (n = in.read(piece)) >= 0; ) digest.update(piece, 0, n);
    }
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
