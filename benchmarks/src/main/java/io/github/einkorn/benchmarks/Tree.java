package io.github.einkorn.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A source tree that has been built: this one, or that of another commit. */
record Tree(Path root) {
  private static final String SERVER =
      "benchmarks/src/main/java/" + RowServer.class.getName().replace('.', '/') + ".java";

  /** The tree whose commands run. */
  static Tree here() {
    return new Tree(Path.of(System.getProperty("bench.root", "")).toAbsolutePath());
  }

  /** The benchmarks and the library of this tree, not of the local Maven repository, which knows but one version. */
  String classPath() {
    Path target = root.resolve("benchmarks/target");
    return target.resolve("classes") + ":" + target.resolve("lib") + "/*";
  }

  Path nativeBenchmark() {
    return root.resolve("javacpp-presets/target/cmake/einkorn_bench");
  }

  /**
   * The option that has JavaCPP unpack native libraries into a folder of this tree, from which Einkorn's own is removed
   * first: JavaCPP tells versions apart by size and time alone, and all builds have the same time.
   */
  String unpackedAfresh() throws IOException {
    Path cache = root.resolve("target/natives");
    Files.createDirectories(cache);
    try (Stream<Path> own = Files.list(cache)) {
      for (Path p : own.filter(f -> f.getFileName().toString().startsWith("einkorn")).toList()) delete(p);
    }
    return "-Dorg.bytedeco.javacpp.cachedir=" + cache;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
    }
  }

  /**
   * Another commit's tree, built in a git worktree under {@code target/gate}, where it stays for the next time.
   *
   * @throws IOException if there is no such commit, it has nothing to compare with, or it does not build
   */
  Tree at(String commit) throws IOException {
    String hash = git("rev-parse", "--verify", "--quiet", commit + "^{commit}").text();
    if (hash.isEmpty()) throw new IOException("git knows no commit " + commit);
    String title = git("log", "-1", "--format=%h (%s)", hash).text();
    if (git("cat-file", "-e", hash + ":" + SERVER).status() != 0) {
      throw new IOException("commit " + title + " is too old to be compared with: it has no "
          + RowServer.class.getSimpleName() + " among its benchmarks");
    }
    Tree tree = new Tree(root.resolve("target/gate").resolve(hash));
    Path built = tree.root.resolve("benchmarks/target/built");
    if (Files.exists(built)) return tree;
    System.err.println("building " + title + " in " + tree.root);
    if (!Files.exists(tree.root.resolve(".git"))) {
      git("worktree", "prune");
      Files.createDirectories(tree.root.getParent());
      git("worktree", "add", "--detach", "--force", tree.root.toString(), hash).orThrow();
    }
    Command.run(tree.root, "mvn", "-q", "-ntp", "-B", "package", "-pl", "benchmarks", "-am", "-DskipTests",
        "-Dmaven.javadoc.skip", "-Dmaven.source.skip").orThrow();
    Files.createFile(built);
    return tree;
  }

  /** The commit that is checked out, and whether files differ from it. */
  String describe() throws IOException {
    return git("describe", "--always", "--dirty").text();
  }

  private Command.Result git(String... arguments) throws IOException {
    return Command.run(root, Stream.concat(Stream.of("git"), List.of(arguments).stream()).toArray(String[]::new));
  }
}
