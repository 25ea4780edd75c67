package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Tanh;
import io.github.einkorn.nn.Window;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProfileTest {
  private final Sequential net = new Sequential(
      new Conv2d(2, 6, Window.of(5).pad(2)), new Tanh(), new MaxPool2d(2),
      new Conv2d(6, 16, Window.of(3).stride(2).pad(1, 0, 1, 0)), new Flatten(), new Linear(16 * 3 * 2, 10));
  private final Scope scope = new Scope();

  @BeforeEach
  @AfterEach
  void reset() {
    Einkorn.profile(false);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private void steps(int count) {
    Tensor x = Tensor.randn(3, 2, 12, 10);
    for (int i = 0; i < count; i++) net.forward(x).square().mean().backward();
  }

  private static Profile.Row row(String op, int... shape) {
    List<Integer> numbers = java.util.Arrays.stream(shape).boxed().toList();
    List<Profile.Row> found =
        Profile.rows().stream().filter(r -> r.op().equals(op) && r.numbers().equals(numbers)).toList();
    assertThat(found).as(op + " " + numbers + " in " + Profile.rows()).hasSize(1);
    return found.get(0);
  }

  @Test
  void nothingRunIsSaid() {
    assertThat(Einkorn.explain()).isEqualTo("No convolution has been run.\n");
    Einkorn.profile(true);
    assertThat(Einkorn.explain()).isEqualTo("Nothing has been run.\n");
  }

  @Test
  void convolutionsAreCounted() {
    steps(4);
    int[] first = {3, 2, 12, 10, 6, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1};
    int[] second = {3, 6, 6, 5, 16, 3, 3, 2, 2, 1, 1, 1, 0, 1, 0, 1};
    long flops = 4L * 2 * 3 * (12 * 10) * 6 * (2 * 5 * 5);
    for (String op : List.of("conv2d", "conv2d_grad_weight")) {
      assertThat(row(op, first).calls()).isEqualTo(4);
      assertThat(row(op, first).flops()).isEqualTo(flops);
    }
    for (String op : Convolution.PASSES) {
      assertThat(row(op, second).calls()).isEqualTo(4);
      assertThat(row(op, second).flops()).isEqualTo(4L * 2 * 3 * (3 * 2) * 16 * (6 * 3 * 3));
      assertThat(row(op, second).nanoseconds()).isPositive();
    }
    assertThat(Profile.rows()).hasSize(5);
    String text = Einkorn.explain();
    assertThat(text.lines().skip(1).findFirst().orElseThrow()).matches(
        "operation +shape +algorithm +layout +calls +ms/call +GFLOP/s +share");
    assertThat(text.lines()).hasSize(2 + 5);
    assertThat(text).containsPattern("conv2d +3x2x12x10 -> 6, 5x5, pad 2 +\\S.* channels-last +4 +\\d+\\.\\d{3} ")
        .containsPattern("conv2d_grad_input +3x6x6x5 -> 16, 3x3, stride 2, pad 1x0x1x0 ");
    double shares = text.lines().skip(2)
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf("  ") + 2).replace(" %", ""))).sum();
    assertThat(shares).isBetween(99.5, 100.5);
  }

  @Test
  void profileCountsAllOperations() {
    Einkorn.profile(true);
    steps(2);
    assertThat(row("linear", 1, 3, 96, 10).calls()).isEqualTo(2);
    assertThat(row("linear", 1, 3, 96, 10).flops()).isEqualTo(2L * 2 * 3 * 96 * 10);
    assertThat(row("max_pool2d").calls()).isEqualTo(2);
    assertThat(row("max_pool2d_grad").calls()).isEqualTo(2);
    assertThat(Einkorn.explain()).contains("3x96 by 96x10").contains("in all operations");
    Einkorn.profile(false);
    assertThat(Profile.rows()).isEmpty();
    steps(1);
    assertThat(Profile.rows()).allMatch(Profile.Row::isConvolution);
  }

  @Test
  void matmulComputesTheGradientsThatAreNeeded() {
    for (int needed = 1; needed < 4; needed++) {
      Tensor a = Tensor.randn(4, 2, 3).requiresGrad((needed & 1) > 0);
      for (int[] shape : new int[][] {{3, 5}, {4, 3, 5}}) {
        Tensor b = Tensor.randn(shape).requiresGrad((needed & 2) > 0);
        Tensor c = a.matmul(b);
        Einkorn.profile(true);
        c.backward(Tensor.ones(4, 2, 5));
        long products = Profile.rows().stream()
            .filter(r -> r.op().equals("matmul")).mapToLong(Profile.Row::calls).sum();
        assertThat(products).isEqualTo(Integer.bitCount(needed));
        assertThat(a.grad() != null).isEqualTo(a.requiresGrad());
        assertThat(b.grad() != null).isEqualTo(b.requiresGrad());
      }
    }
  }

  @Test
  void convolutionsWithTheirPoolingAreCounted() {
    var pooled = new Sequential(new Conv2d(1, 6, 5), new MaxPool2d(2));
    pooled.forward(Tensor.randn(3, 1, 12, 10)).square().mean().backward();
    boolean atOnce = !Einkorn.isa().equals("scalar");
    int[] shape = {3, 1, 12, 10, 6, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1};
    for (String op : atOnce ? List.of("conv2d_pool2d", "conv2d_pool2d_grad")
        : List.of("conv2d", "conv2d_grad_weight")) {
      assertThat(row(op, shape).calls()).isEqualTo(1);
      assertThat(row(op, shape).flops()).isEqualTo(2L * 3 * (8 * 6) * 6 * (5 * 5));
    }
    assertThat(Einkorn.explain()).contains("3x1x12x10 -> 6, 5x5");
  }

  @Test
  void anAlgorithmHasItsOwnRow() {
    Tensor x = Tensor.randn(1, 16, 8, 8), w = Tensor.randn(16, 16, 3, 3);
    for (Winograd way : Winograd.values()) Winograds.under(way, () -> Functional.conv2d(x, w, null, Window.of(3)));
    int expected = Einkorn.isa().equals("scalar") ? 1 : 3;
    assertThat(Profile.rows().stream().map(Profile.Row::algorithm).distinct()).hasSize(expected);
  }
}
