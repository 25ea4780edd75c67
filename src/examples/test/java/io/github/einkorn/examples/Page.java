package io.github.einkorn.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * A page of Markdown, and the program that its Java snippets are. A section, from one {@code ##} to the next, is a
 * block of that program. A fence {@code ```java} is compiled and run, {@code ```java no-run} only compiled, with names
 * of its own, and {@code ```text} is what was printed since the last such fence.
 */
record Page(Path file, List<Fence> fences, List<String> lines) {
  static final Path ROOT = Path.of("..", "..");

  /** What stands between two lines of backticks, of which the first is a line counted from 1. */
  record Fence(int line, String info, List<String> body) {
    boolean isJava() {
      return info.equals("java") || isNotRun();
    }

    boolean isNotRun() {
      return info.equals("java no-run");
    }
  }

  static Page read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    var fences = new ArrayList<Fence>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith("```")) continue;
      int open = i++;
      while (i < lines.size() && !lines.get(i).equals("```")) i++;
      if (i == lines.size()) throw new AssertionError(file + ":" + (open + 1) + ": a fence that is not closed");
      fences.add(new Fence(open + 1, lines.get(open).substring(3).strip(), lines.subList(open + 1, i)));
    }
    return new Page(file, fences, lines);
  }

  /** The imports of the shell's start-up file, on one line. */
  static String imports() throws IOException {
    return Files.readAllLines(ROOT.resolve("docs/jshell/einkorn.jsh")).stream().filter(l -> l.startsWith("import "))
        .collect(Collectors.joining(" "));
  }

  /** The program, in which every line of a snippet has the number that it has on the page. */
  private String source() throws IOException {
    var source = new ArrayList<>(lines.stream().map(l -> l.startsWith("## ") ? "} {" : "").toList());
    for (Fence f : fences) {
      int open = f.line() - 1;
      int close = open + f.body().size() + 1;
      for (int i = open; i <= close; i++) source.set(i, "");
      if (f.isJava()) for (int i = open + 1; i < close; i++) source.set(i, lines.get(i));
      if (f.isNotRun()) {
        source.set(open, "class Line" + f.line() + " { void run() throws Exception {");
        source.set(close, "}}");
      }
      if (f.info().equals("text")) source.set(open, "printed.accept(" + f.line() + ");");
    }
    source.set(0, imports() + " public final class Program {"
        + " public static void run(java.util.function.IntConsumer printed) throws Exception {{");
    source.add("}}}");
    return String.join("\n", source);
  }

  /**
   * Compiles all snippets into a folder.
   *
   * @return what the compiler says, each with file and line; empty if they compile
   */
  List<String> compile(Path folder) throws IOException {
    Path source = Files.writeString(folder.resolve("Program.java"), source());
    var javac = ToolProvider.getSystemJavaCompiler();
    var said = new DiagnosticCollector<JavaFileObject>();
    try (var files = javac.getStandardFileManager(said, Locale.ROOT, StandardCharsets.UTF_8)) {
      List<String> options = List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      boolean good = javac.getTask(null, files, said, options, null, files.getJavaFileObjects(source)).call();
      if (good) return List.of();
    }
    return said.getDiagnostics().stream()
        .map(d -> file + ":" + d.getLineNumber() + ": " + d.getMessage(Locale.ROOT)).toList();
  }

  /** Runs what {@link #compile} made; returns what was printed before each {@code text} fence, by its line. */
  Map<Integer, List<String>> run(Path folder) throws Exception {
    var printed = new TreeMap<Integer, List<String>>();
    var out = new ByteArrayOutputStream();
    IntConsumer mark = line -> {
      printed.put(line, out.toString(StandardCharsets.UTF_8).lines().map(String::stripTrailing).toList());
      out.reset();
    };
    PrintStream screen = System.out;
    Locale locale = Locale.getDefault();
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader());
        var captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      Locale.setDefault(Locale.ROOT);
      loader.loadClass("Program").getMethod("run", IntConsumer.class).invoke(null, mark);
    } catch (InvocationTargetException e) {
      throw new AssertionError(file + ": " + where(e.getCause()), e.getCause());
    } finally {
      System.setOut(screen);
      Locale.setDefault(locale);
    }
    return printed;
  }

  private static String where(Throwable e) {
    for (StackTraceElement at : e.getStackTrace()) {
      if (at.getClassName().equals("Program")) return "line " + at.getLineNumber() + " throws " + e;
    }
    return e.toString();
  }
}
