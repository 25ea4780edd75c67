package io.github.einkorn.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ParityTest {
  private static int cases;
  private static int checks;

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfPyTorch() {
    return Stream.of(LayerCases.all(), OpCases.all(), LossCases.all(), OptimizerCases.all(), NetCases.all()).flatMap(s -> s)
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> run(c)));
  }

  private static void run(Case c) {
    cases++;
    Map<String, Values> ours = c.ours().get(), exact = c.torch().apply(Torch.DOUBLE);
    assertThat(ours.keySet()).isEqualTo(exact.keySet());
    List<Map<String, Values>> floats = c.floats().stream().map(c.torch()).toList();
    List<String> wrong = new ArrayList<>();
    ours.forEach((name, v) -> {
      checks++;
      Values r = exact.get(name);
      assertThat(v.shape()).as(name).isEqualTo(r.shape());
      double mine = v.error(r, c.norm()), theirs = floats.stream().mapToDouble(f -> f.get(name).error(r, c.norm())).max().getAsDouble();
      System.out.printf("ERR %-40s %-40s %10.3g %10.3g  %6.2f%n", c.name(), name, mine, theirs, (mine - 2) / theirs); if (c.floats().size()>1) System.out.println(floats.stream().map(f -> "" + f.get(name).error(r, c.norm())).toList());
      if (!(mine <= 5 * theirs + 2)) wrong.add(name + ": " + mine + " vs " + theirs);
    });
    assertThat(wrong).isEmpty();
  }

  @AfterAll
  static void summary() {
    System.out.println("parity: " + cases + " cases, " + checks + " checks");
  }
}
