package io.github.einkorn.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Scope;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Loss;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.optim.Scheduler;
import io.github.einkorn.train.ReduceLROnPlateau;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A layer, loss, optimizer or scheduler of the library that no case has is a failure. */
class CoverageTest {
  private static final List<Class<?>> KINDS =
      List.of(Layer.class, Loss.class, Optimizer.class, Scheduler.class, ReduceLROnPlateau.class);

  @Test
  void everyLayerLossOptimizerAndSchedulerIsInACase() throws Exception {
    Set<String> there = library(), covered = new TreeSet<>();
    try (var scope = new Scope()) {
      ParityTest.cases().flatMap(c -> c.subjects().get().stream()).flatMap(CoverageTest::parts)
          .forEach(part -> covered.add(part.getClass().getName()));
    }
    System.out.println("parity: " + there.size() + " layers, losses, optimizers and schedulers in Einkorn");
    assertThat(there).hasSizeGreaterThan(20);
    assertThat(covered).containsAll(there);
  }

  private static Stream<?> parts(Object subject) {
    return subject instanceof Layer layer ? layer.layers().stream() : Stream.of(subject);
  }

  /** The public classes in Einkorn's jar that are one; models are put together from those that have cases. */
  private static Set<String> library() throws Exception {
    var names = new TreeSet<String>();
    Path jar = Path.of(Layer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (var file = new JarFile(jar.toFile())) {
      List<String> classes = file.stream().map(e -> e.getName())
          .filter(n -> n.matches("io/github/einkorn/(?!models/).*\\.class") && !n.endsWith("-info.class")).toList();
      for (String entry : classes) {
        String name = entry.replace('/', '.').replaceAll("\\.class$", "");
        Class<?> c = Class.forName(name, false, Layer.class.getClassLoader());
        if (!Modifier.isPublic(c.getModifiers()) || Modifier.isAbstract(c.getModifiers())) continue;
        if (KINDS.stream().anyMatch(t -> t.isAssignableFrom(c))) names.add(name);
      }
    }
    return names;
  }
}
