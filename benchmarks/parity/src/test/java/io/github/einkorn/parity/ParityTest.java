package io.github.einkorn.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Both libraries are given the same numbers. PyTorch in double says what is right; how far PyTorch's floats are from
 * that says what floats can do for the sizes at hand, and Einkorn has to be nearly as close: see {@link #allowed}.
 */
class ParityTest {
  private static int cases;
  private static int checks;
  private static int closer;
  private static double farthest;
  private static String farthestWhere = "nowhere";

  static Stream<Case> cases() {
    return Stream.<Supplier<Stream<Case>>>of(WindowCases::all, SizeCases::all, LayerCases::all, FurtherLayerCases::all,
        PartCases::all, OpCases::all, LossCases::all, OptimizerCases::all, SchedulerCases::all, PlateauCases::all,
        NetCases::all).flatMap(Supplier::get);
  }

  @TestFactory
  Stream<DynamicTest> answersAreThoseOfPyTorch() {
    return cases().map(c -> DynamicTest.dynamicTest(c.name(), () -> run(c)));
  }

  /**
   * The error, in units of 2^-23, that Einkorn may have where PyTorch's floats have `theirs`: five times that, because
   * a sum of K terms is rounded by up to √K times more in one order than in another; and two where PyTorch happens to
   * be exact, for the rounding of the operands and of the result. `factor` is what an algorithm says it costs.
   */
  private static double allowed(double theirs, double factor) {
    return 2 + 5 * factor * theirs;
  }

  private static void run(Case c) {
    cases++;
    Map<String, Values> ours = c.ours().get(), exact = c.torch().apply(Torch.DOUBLE);
    List<Map<String, Values>> floats = c.floats().stream().map(c.torch()).toList();
    assertEquals(exact.keySet(), ours.keySet(), "what PyTorch computes, and what Einkorn does");
    List<String> wrong = new ArrayList<>();
    exact.forEach((what, reference) -> {
      checks++;
      Values mine = ours.get(what);
      if (!Arrays.equals(mine.shape(), reference.shape()) || mine.exact() != reference.exact()) {
        wrong.add(what + ": expected " + reference.describe() + ", got " + mine.describe());
        return;
      }
      double error = mine.error(reference, c.norm());
      double theirs = floats.stream().mapToDouble(f -> f.get(what).error(reference, c.norm())).max().getAsDouble();
      double allowed = reference.exact() ? 0 : allowed(theirs, c.factor());
      if (!(error <= allowed)) {
        wrong.add(String.format(Locale.ROOT,
            "%s: %.3g units from PyTorch's double, PyTorch's float is %.3g, allowed %.3g", what, error, theirs,
            allowed));
      }
      note(c.name() + ", " + what, error, theirs, allowed);
    });
    if (!wrong.isEmpty()) fail(String.join("\n", wrong));
  }

  private static void note(String where, double error, double theirs, double allowed) {
    if (error <= theirs) closer++;
    if (allowed > 0 && error / allowed > farthest) {
      farthest = error / allowed;
      farthestWhere = where;
    }
  }

  @AfterAll
  static void summary() {
    System.out.printf(Locale.ROOT, "parity: %d cases, %d checks; in %d Einkorn is at least as close to PyTorch's "
        + "double as PyTorch's float%nparity: most of what is allowed is used by %s: %.0f %%%n", cases, checks, closer,
        farthestWhere, 100 * farthest);
  }
}
