package io.github.einkorn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Memory;
import io.github.einkorn.NoGrad;
import io.github.einkorn.Scope;
import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import org.junit.jupiter.api.Test;

class ResidualTest {
  @Test
  void addsTheInputOrItsShortcut() {
    try (var scope = new Scope()) {
      var conv = new Conv2d(2, 2, Window.same(3));
      var way = new Conv2d(2, 2, 1);
      Tensor x = Tensor.randn(3, 2, 5, 5);
      var block = new Residual(conv);
      assertThat(block.forward(x).toFloats()).isEqualTo(conv.forward(x).add(x).toFloats());
      assertThat(block.relu(true).forward(x).toFloats()).isEqualTo(conv.forward(x).add(x).relu().toFloats());
      block.shortcut("way", way);
      assertThat(block.forward(x).toFloats()).isEqualTo(conv.forward(x).add(way.forward(x)).relu().toFloats());
      assertThat(block.stateDict().keySet()).containsExactly("0.weight", "0.bias", "way.weight", "way.bias");
      assertThat(new Residual().forward(x).toFloats()).isEqualTo(x.mul(2).toFloats());
      assertThatThrownBy(() -> block.shortcut("other", new Identity()))
          .hasMessage("Residual already has a shortcut, way (Conv2d)");
      assertThatThrownBy(() -> new Residual(new Conv2d(2, 3, Window.same(3))).relu(true).forward(x))
          .isInstanceOf(ShapeException.class).hasMessageContaining("(3, 3, 5, 5) and (3, 2, 5, 5)");
    }
  }

  @Test
  void gradientsAreThoseOfTheParts() {
    try (var scope = new Scope()) {
      var conv = new Conv2d(2, 2, Window.same(3));
      Tensor a = Tensor.randn(3, 2, 5, 5).requiresGrad(true), b = a.detach().copy().requiresGrad(true);
      Tensor g = Tensor.randn(3, 2, 5, 5);
      conv.forward(a).add(a).relu().backward(g);
      float[] weight = conv.weight().grad().toFloats();
      conv.weight().zeroGrad();
      new Residual(conv).relu(true).forward(b).backward(g);
      assertThat(b.grad().toFloats()).isEqualTo(a.grad().toFloats());
      assertThat(conv.weight().grad().toFloats()).isEqualTo(weight);
    }
  }

  /** Convolutions add their gradient to the one that their input has already. */
  @Test
  void aTensorWithManyUsesHasTheSumOfTheirGradients() {
    try (var scope = new Scope()) {
      Tensor leaf = Tensor.randn(2, 16, 9, 9).requiresGrad(true), g = Tensor.randn(2, 16, 9, 9);
      var convs = new Conv2d[] {new Conv2d(16, 16, Window.same(3)), new Conv2d(16, 16, 1),
          new Conv2d(16, 16, Window.same(5)), new Conv2d(16, 16, Window.same(3))};
      float[] sum = new float[leaf.toFloats().length];
      for (Conv2d conv : convs) {
        Tensor x = leaf.detach().copy().requiresGrad(true);
        conv.forward(x).backward(g);
        float[] gx = x.grad().toFloats();
        for (int i = 0; i < sum.length; i++) sum[i] += gx[i];
      }
      float[] kept = g.toFloats();
      Tensor x = leaf.mul(1), y = x; // an inner tensor, whose gradient begins as one that is shared
      for (Conv2d conv : convs) y = y.add(conv.forward(x));
      y.mul(g).sum().backward(true);
      float[] once = leaf.grad().toFloats();
      for (int i = 0; i < sum.length; i++) assertThat(once[i]).isCloseTo(sum[i] + kept[i], within(1e-4f));
      assertThat(g.toFloats()).isEqualTo(kept);
      y.mul(g).sum().backward();
      float[] twice = leaf.grad().toFloats();
      for (int i = 0; i < sum.length; i++) assertThat(twice[i]).isEqualTo(2 * once[i]);
    }
  }

  /** A normalization at the end takes the sum along in training: the same numbers as one after the other. */
  @Test
  void normalizationAtTheEnd() {
    for (boolean relu : new boolean[] {true, false}) {
      try (var scope = new Scope()) {
        var conv = new Conv2d(4, 4, Window.same(3));
        var norm = new BatchNorm2d(4);
        Tensor a = Tensor.randn(3, 4, 5, 5).requiresGrad(true), b = a.detach().copy().requiresGrad(true);
        Tensor g = Tensor.randn(3, 4, 5, 5);
        Tensor y = norm.forward(conv.forward(a)).add(a);
        if (relu) y = y.relu();
        y.backward(g);
        float[] weight = conv.weight().grad().toFloats(), gamma = norm.weight().grad().toFloats();
        float[] running = norm.runningMean().toFloats();
        conv.weight().zeroGrad();
        norm.weight().zeroGrad();
        norm.runningMean().fillInPlace(0);
        var block = new Residual(conv, norm).relu(relu);
        Tensor z = block.forward(b);
        assertThat(z.toFloats()).isEqualTo(y.toFloats());
        z.backward(g);
        assertThat(b.grad().toFloats()).isEqualTo(a.grad().toFloats());
        assertThat(conv.weight().grad().toFloats()).isEqualTo(weight);
        assertThat(norm.weight().grad().toFloats()).isEqualTo(gamma);
        assertThat(norm.runningMean().toFloats()).isEqualTo(running);
        // a hook at the end sees the normalization alone; evaluation has the running statistics
        var seen = new Tensor[1];
        norm.onForward((layer, out) -> seen[0] = out);
        assertThat(block.forward(b).shape()).isEqualTo(seen[0].shape());
        assertThat(seen[0].add(b).toFloats()).isEqualTo(norm.forward(conv.forward(b)).add(b).toFloats());
        block.eval();
        Tensor still = norm.forward(conv.forward(b)).add(b);
        assertThat(block.forward(b).toFloats()).isEqualTo((relu ? still.relu() : still).toFloats());
      }
    }
  }

  @Test
  void aNormalizedBlockAloneOrOfAnotherShape() {
    try (var scope = new Scope(); var off = new NoGrad()) {
      var norm = new BatchNorm2d(2);
      Tensor x = Tensor.randn(3, 2, 5, 5);
      assertThat(new Residual(norm).forward(x).toFloats()).isEqualTo(norm.forward(x).add(x).toFloats());
      assertThat(x.isClosed()).isFalse();
      var wider = new Residual(new Conv2d(2, 3, 1), new BatchNorm2d(3)).relu(true);
      assertThatThrownBy(() -> wider.forward(x)).isInstanceOf(ShapeException.class)
          .hasMessageContaining("(3, 3, 5, 5) and (3, 2, 5, 5)");
    }
  }

  @Test
  void freesWhatItAdds() {
    var net = new Sequential();
    for (int i = 0; i < 8; i++) net.add(new Residual(new Tanh(), new Sigmoid()).shortcut("way", new Tanh()).relu(true));
    net.eval();
    try (var scope = new Scope(); var off = new NoGrad()) {
      Tensor x = Tensor.randn(100, 4, 5, 5);
      long before = Memory.used();
      Tensor y = net.forward(x);
      assertThat(Memory.used() - before).as("one activation left").isLessThan(2 * 4 * x.size());
      assertThat(y.isClosed() || x.isClosed()).isFalse();
    }
  }
}
