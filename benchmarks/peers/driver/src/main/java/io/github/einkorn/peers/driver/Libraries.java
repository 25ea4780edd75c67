package io.github.einkorn.peers.driver;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The workers' programs: built when asked for, each by itself, since some cannot be resolved everywhere. */
final class Libraries {
  private final Path root;
  private final List<String> options;
  private final Map<Library, List<Path>> classPaths = new EnumMap<>(Library.class);
  private final Map<Library, String> failures = new EnumMap<>(Library.class);

  /**
   * In Einkorn's tree.
   *
   * @param options of the workers' JVMs
   */
  Libraries(Path root, List<String> options) {
    this.root = root;
    this.options = options;
  }

  /** Builds one, or notes why it cannot be. */
  void build(Library library) {
    Path module = peers().resolve(library.toString());
    if (!library.isNative() && !Files.exists(module.resolve("pom.xml"))) {
      failures.put(library, "there is no module " + root.relativize(module));
      return;
    }
    Path log = logs().resolve("build-" + library + ".log");
    try {
      Files.createDirectories(logs());
      var build = new ProcessBuilder(buildCommand(library)).redirectErrorStream(true).redirectOutput(log.toFile());
      int code = build.start().waitFor();
      if (code != 0) {
        failures.put(library, "cannot be built: " + Log.reason(log).orElse("exit code " + code));
      } else if (!library.isNative()) {
        classPaths.put(library, readClassPath(module));
      }
    } catch (IOException e) {
      failures.put(library, "cannot be built: " + e.getMessage());
    } catch (InterruptedException e) {
      failures.put(library, "interrupted");
    }
  }

  private List<String> buildCommand(Library library) {
    return library.isNative()
        ? List.of("cmake", "--build", cmake().toString(), "--target", library.worker)
        : List.of("mvn", "-q", "-ntp", "-B", "-Dstyle.color=never", "-f", peers().resolve("pom.xml").toString(), "-pl",
            library.toString(), "-am", "package");
  }

  private static List<Path> readClassPath(Path module) throws IOException {
    var all = new ArrayList<Path>(List.of(module.resolve("target/classes")));
    for (String entry : Files.readString(module.resolve("target/classpath")).trim().split(File.pathSeparator)) {
      all.add(Path.of(entry));
    }
    return all;
  }

  /** Why a library cannot run, or null. */
  String failure(Library library) {
    return failures.get(library);
  }

  /** How its worker is started. */
  List<String> command(Library library, String task, int threads, String config) {
    var command = new ArrayList<String>();
    if (library.isNative()) {
      command.add(cmake().resolve(library.worker).toString());
    } else {
      // Bytedeco's check of physical memory reads /proc in every allocation, microseconds each
      command.add(System.getProperty("java.home") + "/bin/java");
      command.addAll(options);
      command.addAll(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-cp",
          String.join(File.pathSeparator, classPaths.get(library).stream().map(Path::toString).toList()),
          "io.github.einkorn.peers." + library.worker));
    }
    command.addAll(List.of(task, Integer.toString(threads), config));
    return command;
  }

  /** The jars a program needs that uses it, ours for measuring left out. */
  List<Path> jars(Library library) {
    return classPaths.getOrDefault(library, List.of()).stream()
        .filter(p -> p.toString().endsWith(".jar") && !p.startsWith(peers())).toList();
  }

  /** The version in the name of its jar, or null. */
  String version(Library library) {
    Library holder = library.isNative() ? Library.EINKORN : library;
    return jars(holder).stream().map(p -> p.getFileName().toString())
        .filter(n -> n.matches(library.artifact + "-[0-9][^a-zA-Z]*(-SNAPSHOT)?\\.jar")).findFirst()
        .map(n -> n.substring(library.artifact.length() + 1, n.length() - ".jar".length())).orElse(null);
  }

  /** Where workers' complaints go. */
  Path logs() {
    return peers().resolve("target/logs");
  }

  Path cmake() {
    return root.resolve("javacpp-presets/target/cmake");
  }

  private Path peers() {
    return root.resolve("benchmarks/peers");
  }
}
