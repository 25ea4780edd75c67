package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Window;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static Tensor parameter(float... values) {
    return Tensor.of(values).keep().requiresGrad(true);
  }

  @Test
  void aChainIsDifferentiated() {
    Tensor x = parameter(1, 2, 3);
    x.square().mul(3).add(1).sum().backward();
    assertThat(x.grad().toFloats()).containsExactly(6, 12, 18);
  }

  @Test
  void gradientsAddUpUntilTheyAreCleared() {
    Tensor x = parameter(2);
    x.mul(3).backward();
    x.mul(5).backward();
    assertThat(x.grad().item()).isEqualTo(8);
    Tensor g = x.grad();
    x.zeroGrad();
    assertThat(x.grad()).isNull();
    assertThatThrownBy(g::item).isInstanceOf(ClosedTensorException.class).hasMessageContaining("closed by zeroGrad");
    x.mul(5).backward();
    assertThat(x.grad().item()).isEqualTo(5);
  }

  @Test
  void anInputUsedTwiceGetsBothGradients() {
    Tensor x = parameter(3);
    x.mul(x).backward();
    assertThat(x.grad().item()).isEqualTo(6);
    x.zeroGrad();
    x.add(x).add(x).backward();
    assertThat(x.grad().item()).isEqualTo(3);
    x.zeroGrad();
    Tensor h = x.square(); // 9
    h.mul(h).add(h).backward(); // d(x⁴ + x²) = 4x³ + 2x
    assertThat(x.grad().item()).isEqualTo(114);
    x.zeroGrad();
    x.sub(x).backward();
    assertThat(x.grad().item()).isZero();
  }

  @Test
  void gradientsOfTwoParametersDoNotShareMemory() {
    Tensor x = parameter(1, 2), y = parameter(3, 4);
    x.add(y).sum().backward();
    x.grad().fillInPlace(9);
    assertThat(y.grad().toFloats()).containsExactly(1, 1);
    Tensor given = Tensor.of(5f, 6);
    x.zeroGrad();
    x.backward(given);
    x.grad().fillInPlace(0);
    assertThat(given.toFloats()).containsExactly(5, 6);
  }

  @Test
  void viewsPassTheirGradientOn() {
    Tensor x = parameter(1, 2, 3, 4);
    Tensor m = x.reshape(2, 2);
    m.t().matmul(m).sum().add(x.narrow(0, 1, 2).sum()).backward();
    assertThat(x.grad().toFloats()).containsExactly(6, 7, 15, 14); // 2 Σ of the row, + 1 in the middle
  }

  @Test
  void theGraphIsFreedUnlessRetained() {
    Tensor x = parameter(2);
    Tensor y = x.square();
    y.backward(true);
    y.backward();
    assertThat(x.grad().item()).isEqualTo(8);
    assertThatThrownBy(y::backward).isInstanceOf(EinkornException.class).hasMessageContaining("already called");
    assertThat(x.grad().item()).isEqualTo(8);
  }

  @Test
  void aRetainedGraphKeepsWhatItsOperationsOwn() {
    Tensor x = Tensor.randn(1, 2, 4, 4).requiresGrad(true);
    Tensor y = Functional.maxPool2d(x, Window.of(2)).sum();
    y.backward(true);
    float[] once = x.grad().toFloats();
    y.backward();
    for (int i = 0; i < once.length; i++) assertThat(x.grad().toFloats()[i]).isEqualTo(2 * once[i]);
  }

  @Test
  void backwardNeedsSomethingToDifferentiate() {
    assertThatThrownBy(() -> Tensor.ones(1).square().backward()).isInstanceOf(EinkornException.class)
        .hasMessageContaining("does not depend");
    assertThatThrownBy(() -> parameter(1, 2).square().backward()).isInstanceOf(ShapeException.class)
        .hasMessageContaining("single number");
    assertThatThrownBy(() -> parameter(1, 2).square().backward(Tensor.ones(3))).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> parameter(1, 2).square().backward(Tensor.of(1L, 2L))).isInstanceOf(DTypeException.class);
  }

  @Test
  void changesInPlaceAreDetected() {
    Tensor x = parameter(1, 2);
    Tensor y = x.square().sum();
    x.fillInPlace(5);
    assertThatThrownBy(y::backward).isInstanceOf(EinkornException.class).hasMessageContaining("backward of Square")
        .hasMessageContaining("changed in place");
    assertThat(x.grad()).isNull();
    Tensor z = x.exp();
    z.detach().fillInPlace(0);
    assertThatThrownBy(() -> z.sum().backward())
        .hasMessageContaining("backward of Exp: its output was changed in place");
    assertThatThrownBy(() -> x.exp().addInPlace(1)).isInstanceOf(EinkornException.class)
        .hasMessageContaining("detach()");
  }

  @Test
  void withoutRecordingThereIsNoGraph() {
    Tensor x = parameter(2);
    try (var off = new NoGrad()) {
      assertThat(NoGrad.isRecording()).isFalse();
      try (var nested = new NoGrad()) {
        assertThat(x.square().requiresGrad()).isFalse();
      }
      assertThat(NoGrad.isRecording()).isFalse();
    }
    assertThat(x.square().requiresGrad()).isTrue();
    assertThat(x.detach().square().requiresGrad()).isFalse();
    assertThatThrownBy(() -> x.square().requiresGrad(true)).isInstanceOf(EinkornException.class);
  }

  @Test
  void gradientsOutliveTheScopeAndWhatItFreedIsMissed() {
    Tensor x = parameter(1, 2);
    Tensor y;
    try (var scope = new Scope()) {
      y = x.square().sum();
      x.mul(2).sum().backward();
    }
    assertThat(x.grad().toFloats()).containsExactly(2, 2);
    assertThatThrownBy(y::backward).isInstanceOf(ClosedTensorException.class).hasMessageContaining("a Scope");
    assertThat(NoGrad.isRecording()).isTrue();
    assertThat(x.square().requiresGrad()).isTrue();
  }

  @Test
  void aScopeClosedBetweenForwardAndBackwardLeavesTheRestIntact() {
    Tensor x = parameter(3);
    Tensor y;
    try (var scope = new Scope()) {
      Tensor h = x.exp(); // Exp keeps its output
      y = h.mul(2).keep();
    }
    assertThatThrownBy(y::backward).isInstanceOf(ClosedTensorException.class);
    assertThat(x.grad()).isNull();
    x.mul(4).backward();
    assertThat(x.grad().item()).isEqualTo(4);
  }

  @Test
  void aGraphMadeByTwoThreadsIsWalkedFromItsEnd() throws InterruptedException {
    Tensor x = parameter(2);
    Tensor h = x.mul(3).square().add(1); // dh/dx = 18 x = 36
    var product = new AtomicReference<Tensor>();
    Thread other = new Thread(() -> product.set(h.mul(5).mul(2))); // its first operations
    other.start();
    other.join();
    product.get().add(h).backward();
    assertThat(x.grad().item()).isEqualTo(11 * 36);
  }

  @Test
  void intermediateTensorsHaveNoGradientAndOnlyParametersDo() {
    Tensor x = parameter(3), c = Tensor.of(4f);
    Tensor h = x.mul(c);
    h.square().backward();
    assertThat(h.grad()).isNull();
    assertThat(c.grad()).isNull();
    assertThat(x.grad().item()).isEqualTo(96);
  }

  @Test
  void deepGraphsNeedNoDeepStack() {
    Tensor x = parameter(1);
    Tensor y = x;
    for (int i = 0; i < 20_000; i++) y = y.add(1);
    y.backward();
    assertThat(x.grad().item()).isEqualTo(1);
  }

  private record Cube(Tensor x) implements Op {
    static Tensor apply(Tensor x) {
      return Graph.record(new Cube(x), x.detach().square().mul(x.detach()), x);
    }

    @Override
    public Tensor[] backward(Tensor gy) {
      return new Tensor[] {x.square().mul(3).mul(gy)};
    }
  }

  /** An operation whose gradients are not what they should be. */
  private record Wrong(Tensor... gradients) implements Op {
    @Override
    public Tensor[] backward(Tensor gy) {
      return gradients;
    }
  }

  @Test
  void programsCanAddOperations() {
    Tensor x = parameter(2);
    Cube.apply(x.mul(1)).backward();
    assertThat(x.grad().item()).isEqualTo(12);
    assertThatThrownBy(() -> Graph.record(new Wrong(Tensor.ones(7)), Tensor.ones(1), x).backward())
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Wrong returned a gradient of shape (7)");
    assertThat(Graph.record(new Cube(x), x, x)).isNotSameAs(x);
  }

  @Test
  void trainingStepsLeaveNoMemoryBehind() {
    Einkorn.seed(1);
    Tensor w = Tensor.randn(8, 1, 3, 3).mul(0.2).keep().requiresGrad(true);
    Tensor b = Tensor.zeros(8).keep().requiresGrad(true);
    Tensor gamma = Tensor.ones(8).keep().requiresGrad(true), beta = Tensor.zeros(8).keep().requiresGrad(true);
    Tensor mean = Tensor.zeros(8).keep(), var = Tensor.ones(8).keep();
    Tensor v = Tensor.randn(10, 72).mul(0.1).keep().requiresGrad(true);
    Tensor x = Tensor.randn(16, 1, 6, 6).keep(), labels = Tensor.rand(16).mul(10).to(DType.INT64).keep();
    var parameters = List.of(w, b, gamma, beta, v);
    float first = 0, last = 0;
    long used = 0, grown = 0;
    for (int step = 0; step < 1000; step++) {
      try (var scope = new Scope()) {
        parameters.forEach(Tensor::zeroGrad);
        Tensor h = Functional.conv2d(x, w, b, Window.of(3).pad(1));
        h = Functional.batchNorm(h, mean, var, gamma, beta, true, 0.1, 1e-5).relu();
        h = Functional.dropout(Functional.maxPool2d(h, Window.of(2)).flatten(1), 0.1, true);
        Tensor loss = Functional.crossEntropy(Functional.linear(h, v, null), labels);
        loss.backward();
        for (Tensor p : parameters) p.addInPlace(p.grad().mul(-0.05));
        last = loss.item();
        if (step == 0) first = last;
      }
      if (step == 10) {
        used = Memory.used();
        grown = Memory.grown();
      }
    }
    assertThat(last).isLessThan(first / 4);
    assertThat(Memory.used()).isLessThanOrEqualTo(used);
    assertThat(Memory.grown()).isEqualTo(grown);
  }

  @Test
  void anotherFormatHasTheSameGradient() {
    Tensor x = Tensor.randn(2, 3, 2, 2).keep().requiresGrad(true), w = Tensor.randn(2, 3, 2, 2);
    x.channelsLast().mul(2).contiguous().reshape(6, 4).mul(w.reshape(6, 4)).sum().backward();
    assertThat(x.grad().toFloats()).isEqualTo(w.mul(2).toFloats());
    try (var off = new NoGrad()) {
      assertThat(x.channelsLast().requiresGrad()).isFalse();
    }
  }

  @Test
  void operandsInPlaceWhoseGradientWouldBeLostAreRefused() {
    Tensor w = parameter(1, 2, 3), sum = Tensor.zeros(3);
    for (Runnable change : List.<Runnable>of(() -> sum.addInPlace(w.mul(2)), () -> sum.mulInPlace(w.mul(1)),
        () -> sum.copyInPlace(w.mul(1)))) {
      assertThatThrownBy(change::run).isInstanceOf(EinkornException.class)
          .hasMessageContaining("(3) was computed from");
    }
    Tensor w2 = w.mul(1);
    try (var off = new NoGrad()) {
      sum.addInPlace(w2);
    }
    assertThat(sum.addInPlace(w2.detach()).toFloats()).containsExactly(2, 4, 6);
  }

  @Test
  void aTensorIsCopiedFromAViewOfItself() {
    Tensor x = Tensor.arange(27).to(DType.FLOAT32).reshape(1, 3, 3, 3).channelsLast();
    Tensor turned = x.permute(0, 2, 3, 1);
    float[] expected = turned.toFloats();
    assertThat(x.copyInPlace(turned).toFloats()).isEqualTo(expected);
  }

  @Test
  void whatIsFrozenAfterTheForwardPassHasNoGradient() {
    Tensor x = parameter(1, 2), w = parameter(3, 4);
    Tensor y = x.add(w).sum();
    w.requiresGrad(false);
    y.backward();
    assertThat(x.grad().toFloats()).containsExactly(1, 1);
    assertThat(w.grad()).isNull();
  }

  @Test
  void gradientsOfOtherTypesOrInOtherNumberAreRefused() {
    Tensor x = parameter(1, 2);
    Tensor positive = x.gt(0);
    assertThatThrownBy(() -> Graph.record(new Wrong(positive), x.mul(1), x).sum().backward())
        .isInstanceOf(DTypeException.class).hasMessage("backward of Wrong returned a gradient of bool for an input of "
            + "shape (2): expected float32");
    for (Tensor[] gradients : new Tensor[][] {{}, {Tensor.ones(2), Tensor.ones(2)}, null}) {
      assertThatThrownBy(() -> Graph.record(new Wrong(gradients), x.mul(1), x).sum().backward())
          .isInstanceOf(EinkornException.class).hasMessageMatching("backward of Wrong returned (null|\\d gradients): "
              + "expected one for each of 1 inputs, null for those without");
    }
    assertThat(x.grad()).isNull();
    assertThat(Graph.record(new Wrong(), x.to(DType.INT64), x).requiresGrad()).isFalse();
    Op nameless = new Op() {
      @Override
      public Tensor[] backward(Tensor gy) {
        return null;
      }
    };
    assertThatThrownBy(() -> Graph.record(nameless, x.mul(1), x).sum().backward())
        .hasMessageStartingWith("backward of io.github.einkorn.GraphTest$1 returned null");
  }

  @Test
  void blocksWithoutRecordingEndInnermostFirst() throws InterruptedException {
    var outer = new NoGrad();
    var inner = new NoGrad();
    var seen = new AtomicReference<Throwable>();
    var other = new Thread(() -> seen.set(catchThrowable(inner::close)));
    other.start();
    other.join();
    assertThat(seen.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("the thread that opened it");
    inner.close();
    inner.close();
    assertThat(NoGrad.isRecording()).isFalse();
    outer.close();
    inner.close();
    assertThat(NoGrad.isRecording()).isTrue();
    var forgotten = new NoGrad();
    var around = new NoGrad();
    var left = new NoGrad();
    assertThatThrownBy(around::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("inner NoGrad");
    left.close();
    assertThat(NoGrad.isRecording()).isFalse();
    forgotten.close();
    assertThat(NoGrad.isRecording()).isTrue();
  }

  @Test
  void theLargerAndTheSmallerShareTheirGradientWhereNeitherIs() {
    for (boolean larger : new boolean[] {true, false}) {
      Tensor x = parameter(1, 2, 3, Float.NaN, 5), y = parameter(2, 2, 1, 4, Float.NaN);
      (larger ? x.maximum(y) : y.minimum(x)).backward(Tensor.of(2f, 2, 2, 2, 2));
      Tensor most = larger ? x : y, least = larger ? y : x;
      assertThat(most.grad().toFloats()).containsExactly(0, 1, 2, 2, 2);
      assertThat(least.grad().toFloats()).containsExactly(2, 1, 0, 2, 2);
    }
  }
}
