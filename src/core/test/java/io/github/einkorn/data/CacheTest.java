package io.github.einkorn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  private static final byte[] IMAGES = IdxTest.idx(20, 28, 28);
  private static final byte[] LABELS = IdxTest.idx(20);
  private static final List<Cache.Entry> ENTRIES = List.of(entry("train-images-idx3-ubyte", IMAGES),
      entry("train-labels-idx1-ubyte", LABELS));

  @TempDir Path folder;
  private final AtomicInteger fetched = new AtomicInteger();

  private static Cache.Entry entry(String name, byte[] content) {
    return new Cache.Entry(name, content.length, sha(content));
  }

  private static String sha(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] content(Cache.Entry e) {
    return e.name().contains("images") ? IMAGES : LABELS;
  }

  private Cache cache(Cache.Source... sources) {
    return new Cache("Made", folder, ENTRIES, List.of(sources));
  }

  private void good(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
    fetched.addAndGet(wanted.size());
    for (Cache.Entry e : wanted) sink.accept(e, new ByteArrayInputStream(content(e)));
  }

  private static Cache.Source failing(String why) {
    return new Cache.Source() {
      @Override
      public void fetch(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
        throw new IOException(why);
      }

      @Override
      public String toString() {
        return "source " + why;
      }
    };
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).filter(n -> !n.equals(".lock")).sorted().toList();
    }
  }

  @Test
  void fetchesOnceAndKeeps() throws IOException {
    for (int i = 0; i < 3; i++) {
      ImageDataset d = Digits.load("train", cache(failing("down"), this::good)::load);
      assertThat(d.images().shape()).isEqualTo(Shape.of(20, 1, 28, 28));
      assertThat(d.labels().toLongs()).startsWith(0, 7, 14).endsWith(19 * 7);
    }
    assertThat(fetched).hasValue(2);
    assertThat(files()).containsExactly("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    assertThat(Files.readAllBytes(folder.resolve("train-images-idx3-ubyte"))).isEqualTo(IMAGES);
  }

  @Test
  void corruptFilesAreFetchedAgain() throws IOException {
    cache(this::good).load("train-labels-idx1-ubyte");
    Path file = folder.resolve("train-labels-idx1-ubyte");
    byte[] flipped = LABELS.clone();
    flipped[LABELS.length - 1] ^= 1;
    for (byte[] bad : new byte[][] {flipped, Arrays.copyOf(LABELS, 10), new byte[0], "<html>".getBytes()}) {
      Files.write(file, bad);
      fetched.set(0);
      assertThat(cache(this::good).load("train-labels-idx1-ubyte").shape()).isEqualTo(Shape.of(20));
      assertThat(fetched).hasValue(1);
      assertThat(Files.readAllBytes(file)).isEqualTo(LABELS);
    }
  }

  @Test
  void wrongOrBrokenDownloadsNeverAppear() throws IOException {
    Cache.Source wrong = (wanted, sink) -> {
      byte[] flipped = content(wanted.get(0)).clone();
      flipped[20] ^= 1;
      sink.accept(wanted.get(0), new ByteArrayInputStream(flipped));
    };
    Cache.Source longer = (wanted, sink) ->
        sink.accept(wanted.get(0), new ByteArrayInputStream(Arrays.copyOf(IMAGES, IMAGES.length + 1)));
    Cache.Source cut = (wanted, sink) ->
        sink.accept(wanted.get(0), new ByteArrayInputStream(Arrays.copyOf(IMAGES, 100)));
    Cache.Source silent = (wanted, sink) -> {};
    assertThatThrownBy(() -> cache(wrong, longer, cut, silent, failing("down")).load("train-images-idx3-ubyte"))
        .isInstanceOf(Cache.Unavailable.class)
        .hasMessageContaining("Made is not in " + folder)
        .hasMessageContaining("has SHA-256")
        .hasMessageContaining("is longer than " + IMAGES.length)
        .hasMessageContaining("source down: down");
    assertThat(files()).isEmpty();
  }

  @Test
  void aFailureIsRememberedForAWhile() {
    Cache.Source counting = (wanted, sink) -> {
      fetched.incrementAndGet();
      throw new IOException("down");
    };
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> cache(counting).load("train-images-idx3-ubyte")).isInstanceOf(Cache.Unavailable.class);
    }
    assertThat(fetched).hasValue(1);
  }

  @Test
  void leftoversOfAKilledProcessAreRemoved() throws IOException {
    Files.write(folder.resolve("train-images-idx3-ubyte123.part"), new byte[10]);
    cache(this::good).load("train-images-idx3-ubyte");
    assertThat(files()).containsExactly("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
  }

  @Test
  void threadsFetchOnce() throws Exception {
    var pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Tensor>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) calls.add(() -> cache(this::good).load("train-images-idx3-ubyte"));
      for (var f : pool.invokeAll(calls)) assertThat(f.get().shape()).isEqualTo(Shape.of(20, 28, 28));
    } finally {
      pool.shutdownNow();
    }
    assertThat(fetched).hasValue(2);
  }

  /** Loads in a process of its own, and notes in a file when it had to fetch. */
  static final class Child {
    public static void main(String[] args) {
      Path folder = Path.of(args[0]);
      Cache.Source source = (wanted, sink) -> {
        Files.writeString(folder.resolve("log"), "fetched\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        LockSupport.parkNanos(200_000_000);
        for (Cache.Entry e : wanted) sink.accept(e, new ByteArrayInputStream(content(e)));
      };
      Tensor x = new Cache("Made", folder, ENTRIES, List.of(source)).load("train-images-idx3-ubyte");
      System.out.println(x.shape());
    }
  }

  @Test
  void processesFetchOnce() throws Exception {
    List<Process> children = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      children.add(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
          System.getProperty("java.class.path"), Child.class.getName(), folder.toString())
          .redirectErrorStream(true).start());
    }
    for (Process p : children) {
      String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(said).contains("(20, 28, 28)");
      assertThat(p.exitValue()).isZero();
    }
    assertThat(Files.readAllLines(folder.resolve("log"))).containsExactly("fetched");
  }

  @Test
  void anUnwritableFolderIsExplained() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Cache c = new Cache("Made", file.resolve("below"), ENTRIES, List.of(this::good));
    assertThatThrownBy(() -> c.load("train-images-idx3-ubyte")).hasMessageContaining("set EINKORN_HOME");
  }

  @Test
  void mirrorsAreTriedInTurn() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/good/", exchange -> {
      byte[] body = IdxTest.gzip(exchange.getRequestURI().getPath().contains("images") ? IMAGES : LABELS);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      assertThatThrownBy(() -> cache(Sources.Mirrors.of(base + "/none/")).load("train-images-idx3-ubyte"))
          .hasMessageContaining("HTTP status 404");
      Cache other = new Cache("Made", folder.resolve("other"), ENTRIES,
          List.of(Sources.Mirrors.of("http://no-such-host.invalid/", base + "/none/", base + "/good/")));
      assertThat(other.load("train-images-idx3-ubyte").shape()).isEqualTo(Shape.of(20, 28, 28));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void foldersHoldGzippedFiles() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    for (Cache.Entry e : ENTRIES) Files.write(there.resolve(e.name() + ".gz"), IdxTest.gzip(content(e)));
    Cache c = new Cache("Made", folder.resolve("mine"), ENTRIES, List.of(new Sources.Folder(there, "install it")));
    assertThat(c.load("train-labels-idx1-ubyte").shape()).isEqualTo(Shape.of(20));
    Cache none = new Cache("Made", folder.resolve("none"), ENTRIES,
        List.of(new Sources.Folder(folder.resolve("absent"), "install it")));
    assertThatThrownBy(() -> none.load("train-labels-idx1-ubyte")).hasMessageContaining("is not there; install it");
  }

  @Test
  void tarFilesAreRead() throws IOException {
    var tar = new ByteArrayOutputStream();
    tar(tar, "package/package.json", "{}".getBytes(StandardCharsets.UTF_8));
    for (Cache.Entry e : ENTRIES) tar(tar, "package/data/" + e.name(), content(e));
    tar.write(new byte[1024]);
    List<String> names = new ArrayList<>();
    Tar.extract(new ByteArrayInputStream(tar.toByteArray()), "package/data/", ENTRIES, (e, in) -> {
      names.add(e.name());
      assertThat(in.readAllBytes()).isEqualTo(content(e));
    });
    assertThat(names).containsExactly("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    byte[] cut = Arrays.copyOf(tar.toByteArray(), 5000);
    Cache.Source truncated =
        (wanted, sink) -> Tar.extract(new ByteArrayInputStream(cut), "package/data/", wanted, sink);
    assertThatThrownBy(() -> cache(truncated).load("train-images-idx3-ubyte")).isInstanceOf(Cache.Unavailable.class);
  }

  static void tar(ByteArrayOutputStream out, String name, byte[] content) {
    byte[] header = new byte[512];
    System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, header, 0, name.length());
    byte[] size = "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & 511]);
  }
}
