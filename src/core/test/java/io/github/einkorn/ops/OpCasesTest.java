package io.github.einkorn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ClosedTensorException;
import io.github.einkorn.DType;
import io.github.einkorn.DTypeException;
import io.github.einkorn.Einkorn;
import io.github.einkorn.Format;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Op;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.Winograd;
import io.github.einkorn.Winograds;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every row of {@link OpCases} promises. */
class OpCasesTest {
  private static final double GRADIENT_TOLERANCE = 1e-5;

  private static Stream<DynamicTest> rows(Consumer<OpCase> test) {
    return OpCases.all().stream().map(c -> DynamicTest.dynamicTest(c.name, () -> {
      try (var scope = new Scope()) {
        test.accept(c);
      }
    }));
  }

  @Test
  void everyOperationIsARow() throws IOException {
    var rows = OpCases.all().stream().map(c -> c.name.replaceAll(":.*", "").toLowerCase()).collect(Collectors.toSet());
    try (Stream<Path> files =
        Files.list(Path.of(URI.create(Relu.class.getResource("Relu.class").toString())).getParent())) {
      var operations = files.map(f -> f.getFileName().toString())
          .filter(f -> f.endsWith(".class") && !f.contains("$")).map(f -> f.replace(".class", ""))
          .filter(OpCasesTest::isOperation).map(String::toLowerCase).collect(Collectors.toSet());
      assertThat(operations).hasSizeGreaterThan(30).isEqualTo(rows);
    }
  }

  /** A record of the graph, or another class that makes a tensor with apply(). */
  private static boolean isOperation(String name) {
    try {
      Class<?> c = Class.forName("io.github.einkorn.ops." + name);
      return Op.class.isAssignableFrom(c) || Modifier.isPublic(c.getModifiers())
          && Arrays.stream(c.getDeclaredMethods()).anyMatch(m -> m.getName().equals("apply"));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> forwardAgreesWithTheReference() {
    return rows(c -> {
      for (String shapes : c.shapes) {
        Nd[] in = c.inputs(shapes, false);
        Nd expected = c.reference.apply(in);
        for (Tensor[] t : formats(c, shapes, in)) {
          assertClose(c + " of " + shapes + formats(t), doubles(c.run(t)), expected, c.tolerance);
        }
      }
    });
  }

  @TestFactory
  Stream<DynamicTest> gradientsAgreeWithTheDifferentiatedReference() {
    return rows(c -> {
      if (!c.differentiable) return;
      for (String shapes : c.shapes) {
        Nd[] in = c.inputs(shapes, false);
        Nd weights = weights(c.reference.apply(in), false);
        for (Tensor[] t : formats(c, shapes, in)) {
          checkGradients(c, shapes + formats(t), in, t, weights, 1e-4, GRADIENT_TOLERANCE);
        }
      }
    });
  }

  @TestFactory
  Stream<DynamicTest> smallIntegersAreExact() {
    return rows(c -> {
      if (!c.exact) return;
      Winograds.under(Winograd.OFF, () -> { // its transforms round
        for (String shapes : c.shapes) {
          Nd[] in = c.inputs(shapes, true);
          Nd expected = c.reference.apply(in);
          Tensor[] t = c.tensors(shapes, in);
          assertClose(c + " of " + shapes, doubles(c.run(t)), expected, 0);
          if (c.differentiable) checkGradients(c, shapes, in, t, weights(expected, true), 1, 0);
        }
      });
    });
  }

  @TestFactory
  Stream<DynamicTest> threadsDoNotChangeABit() {
    int before = Einkorn.threads();
    return rows(c -> {
      try {
        Einkorn.threads(1);
        float[][] one = resultAndGradients(c);
        Einkorn.threads(2);
        float[][] two = resultAndGradients(c);
        for (int i = 0; i < one.length; i++) {
          assertThat(Arrays.equals(one[i], two[i])).as("%s, tensor %d", c, i).isTrue();
        }
      } finally {
        Einkorn.threads(before);
      }
    });
  }

  @TestFactory
  Stream<DynamicTest> badArgumentsAreRefused() {
    return rows(c -> {
      for (String shapes : c.bad) {
        Tensor[] t = c.tensors(shapes, c.inputs(shapes, false));
        assertThatThrownBy(() -> c.run(t)).as(shapes).isInstanceOf(ShapeException.class).hasMessageContaining(c.says);
      }
      String shapes = c.shapes.get(c.shapes.size() - 1);
      for (int i = 0; i < c.inputs(shapes, false).length; i++) {
        Tensor[] t = c.tensors(shapes, c.inputs(shapes, false));
        if (c.differentiable && !takesAnyType(c, i)) {
          Tensor[] wrong = t.clone();
          wrong[i] = t[i].to(t[i].dtype() == DType.FLOAT32 ? DType.INT64 : DType.FLOAT32);
          assertThatThrownBy(() -> c.run(wrong)).isInstanceOf(DTypeException.class).hasMessageContaining("convert");
        }
        t[i].close();
        assertThatThrownBy(() -> c.run(t)).as("input %d closed", i).isInstanceOf(ClosedTensorException.class)
            .hasMessageContaining("closed by close()");
      }
    });
  }

  @TestFactory
  Stream<DynamicTest> withoutGradientNothingIsKept() {
    return rows(c -> {
      String shapes = c.shapes.get(c.shapes.size() - 1);
      Tensor[] t = c.tensors(shapes, c.inputs(shapes, false));
      for (int i = 0; i < t.length; i++) if (c.varies(i, t[i])) t[i].requiresGrad(true);
      try (var off = new NoGrad()) {
        assertThat(c.run(t).requiresGrad()).isFalse();
      }
      assertThat(c.run(t).requiresGrad()).isEqualTo(c.differentiable);
    });
  }

  /** Operations that move elements take any type. */
  private static boolean takesAnyType(OpCase c, int i) {
    return c.name.matches("(sum|reshape|permute|toFormat|narrow|cat).*") || c.name.equals("indexSelect") && i == 0;
  }

  /** The inputs as they are, all of them channels-last, and only the first: as far as that makes a difference. */
  private static Tensor[][] formats(OpCase c, String shapes, Nd[] in) {
    Tensor[] plain = c.tensors(shapes, in);
    if (c.inMemoryOrder || Arrays.stream(plain).noneMatch(t -> t.rank() == 4)) return new Tensor[][] {plain};
    Tensor[] all = Arrays.stream(plain).map(OpCasesTest::last).toArray(Tensor[]::new);
    Tensor[] first = plain.clone();
    first[0] = last(first[0]);
    return new Tensor[][] {plain, all, first};
  }

  private static Tensor last(Tensor x) {
    return x.rank() != 4 ? x : Tensor.empty(x.dtype(), Format.CHANNELS_LAST, x.shape()).copyInPlace(x);
  }

  private static String formats(Tensor[] t) {
    return Arrays.stream(t).map(x -> x.format() == Format.CHANNELS_LAST ? " last" : " plain")
        .collect(Collectors.joining());
  }

  private static Nd weights(Nd output, boolean integers) {
    var random = new Random(output.v().length);
    return output.map(y -> integers ? random.nextInt(5) - 2 : (float) (random.nextDouble() * 2 - 1));
  }

  /** The gradient of Σ weights · op(inputs), by the graph and by differences of the reference. */
  private static void checkGradients(OpCase c, String shapes, Nd[] in, Tensor[] t, Nd weights, double h,
      double tolerance) {
    for (int i = 0; i < t.length; i++) if (c.varies(i, t[i])) t[i].requiresGrad(true).zeroGrad();
    c.run(t).backward(OpCase.tensor(weights, false));
    var random = new Random(shapes.hashCode());
    for (int i = 0; i < t.length; i++) {
      if (!c.varies(i, t[i])) continue;
      Nd g = doubles(t[i].grad());
      assertThat(g.shape()).isEqualTo(in[i].shape());
      double scale = Math.max(1, Arrays.stream(g.v()).map(Math::abs).max().orElse(0));
      int n = g.v().length, checks = Math.min(n, work(in, weights) > 20_000 ? 6 : 30);
      for (int k = 0; k < checks; k++) {
        int at = checks == n ? k : random.nextInt(n);
        Nd direction = in[i].map(x -> 0);
        direction.v()[at] = 1;
        double numeric = difference(c, in, i, direction, weights, h);
        assertThat(Math.abs(g.v()[at] - numeric))
            .as("%s of %s: gradient of input %d at %d: %s, numerically %s", c, shapes, i, at,
            g.v()[at], numeric).isLessThanOrEqualTo(tolerance * scale);
      }
      Nd everywhere = in[i].map(x -> tolerance == 0 ? random.nextInt(3) - 1 : random.nextDouble() - 0.5);
      double numeric = difference(c, in, i, everywhere, weights, tolerance == 0 ? h : h / 10);
      assertThat(Math.abs(g.dot(everywhere) - numeric))
          .as("%s of %s: gradient of input %d along a direction", c, shapes, i)
          .isLessThanOrEqualTo(tolerance * scale * Math.sqrt(n));
    }
  }

  private static long work(Nd[] in, Nd out) {
    return (long) out.v().length * Arrays.stream(in).mapToInt(x -> x.v().length).max().orElse(1) / 10;
  }

  private static double difference(OpCase c, Nd[] in, int i, Nd direction, Nd weights, double h) {
    return (moved(c, in, i, direction, weights, h) - moved(c, in, i, direction, weights, -h)) / (2 * h);
  }

  private static double moved(OpCase c, Nd[] in, int i, Nd direction, Nd weights, double by) {
    Nd[] x = in.clone();
    x[i] = Nd.zip(in[i], direction, (a, d) -> a + by * d);
    return c.reference.apply(x).dot(weights);
  }

  private static float[][] resultAndGradients(OpCase c) {
    Einkorn.seed(1);
    Tensor[] t = c.bench().inputs();
    Tensor y = c.run(t);
    if (!c.differentiable) return new float[][] {y.to(DType.FLOAT32).toFloats()};
    y.backward(Tensor.like(y).uniformInPlace(-1, 1));
    return Stream.concat(Stream.of(y), IntStream.range(0, t.length).filter(i -> t[i].requiresGrad())
        .mapToObj(i -> t[i].grad()))
        .map(Tensor::toFloats).toArray(float[][]::new);
  }

  private static Nd doubles(Tensor t) {
    float[] f = t.to(DType.FLOAT32).toFloats();
    return new Nd(t.shape().dims(), IntStream.range(0, f.length).mapToDouble(i -> f[i]).toArray());
  }

  private static void assertClose(String what, Nd got, Nd expected, double tolerance) {
    assertThat(got.shape()).as(what).isEqualTo(expected.shape());
    double rms = Math.sqrt(expected.dot(expected) / expected.v().length);
    for (int i = 0; i < got.v().length; i++) {
      double allowed = tolerance * Math.max(Math.abs(expected.v()[i]), rms);
      assertThat(Math.abs(got.v()[i] - expected.v()[i])).as("%s: element %d is %s, expected %s", what, i, got.v()[i],
          expected.v()[i]).isLessThanOrEqualTo(allowed);
    }
  }
}
