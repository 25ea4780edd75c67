package io.github.einkorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class TensorTest {
  @Test
  void isMadeFromJavaArrays() {
    assertThat(Tensor.of(1, 2).dtype()).isEqualTo(DType.INT64); // as torch.tensor([1, 2])
    assertThat(Tensor.of(1, 2.5f).toFloats()).containsExactly(1, 2.5f);
    assertThat(Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}}).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(Tensor.of(new long[] {5, -6}, 2, 1).toLongs()).containsExactly(5, -6);
    assertThat(Tensor.of(new byte[] {0, -1}, 2).to(DType.FLOAT32).toFloats()).containsExactly(0, 255);
    assertThat(Tensor.full(3, 2, 2).toFloats()).containsExactly(3, 3, 3, 3);
    assertThat(Tensor.arange(4).toLongs()).containsExactly(0, 1, 2, 3);
    assertThat(Tensor.arange(1, 2, 0.25).toFloats()).containsExactly(1, 1.25f, 1.5f, 1.75f);
    assertThat(Tensor.arange(3, 0, -1).toFloats()).containsExactly(3, 2, 1);
    assertThat(Tensor.eye(2).toFloats()).containsExactly(1, 0, 0, 1);
    assertThat(Tensor.oneHot(Tensor.of(1L, 0L), 3).toFloats()).containsExactly(0, 1, 0, 1, 0, 0);
  }

  @Test
  void refusesShapesThatCannotBe() {
    assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("(2, 2)");
    assertThatThrownBy(() -> Tensor.of(new float[][] {{1}, {1, 2}})).isInstanceOf(ShapeException.class)
        .hasMessageContaining("row 1 has 2");
    float[][] many = new float[1 << 16][];
    Arrays.fill(many, new float[1 << 16]); // 2^32 values
    assertThatThrownBy(() -> Tensor.of(many)).isInstanceOf(ShapeException.class)
        .hasMessage("too large for a Java array: (65536, 65536)");
    assertThatThrownBy(() -> Tensor.zeros(2, -1)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.zeros(0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Tensor.zeros(1 << 30, 1 << 30)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("too many");
    assertThatThrownBy(() -> Tensor.arange(1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensor.arange(0, 1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensor.oneHot(Tensor.of(3L), 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label 3 at row 0 is not in 0..2");
    Shape s = Shape.of(2, 3, 4);
    assertThat(s.size(1, 3)).isEqualTo(12);
    assertThat(s.size(3, 3)).isEqualTo(1);
    for (int[] bad : new int[][] {{-1, 2}, {0, 4}, {2, 1}, {4, 4}}) {
      assertThatThrownBy(() -> s.size(bad[0], bad[1])).isInstanceOf(ShapeException.class)
          .hasMessage("dimensions " + bad[0] + " to " + bad[1] + " are out of range for shape (2, 3, 4)");
    }
  }

  /** Those of a SplittableRandom do if its seeds are its own step apart. */
  @Test
  void javasNumbersOfNeighbouringSeedsHaveNothingInCommon() {
    Set<Long> seen = new HashSet<>();
    for (int seed = 0; seed < 10; seed++) {
      Einkorn.seed(seed);
      for (int i = 0; i < 3; i++) {
        var random = Random.java();
        for (int k = 0; k < 5; k++) assertThat(seen.add(random.nextLong())).as("%d %d %d", seed, i, k).isTrue();
      }
    }
    Einkorn.seed(0);
    assertThat(seen).contains(Random.java().nextLong());
  }

  @Test
  void nothingIsPackedWhereNoneIsKept() {
    Tensor w = Tensor.ones(3);
    long stamp = w.packedStamp();
    assertThat(stamp).isNotZero();
    assertThat(Tensors.<Long>forgetful(() -> Tensors.<Long>forgetful(w::packedStamp) + w.packedStamp())).isZero();
    assertThatThrownBy(() -> Tensors.forgetful(() -> Tensor.zeros(0))).isInstanceOf(ShapeException.class);
    assertThat(w.packedStamp()).isEqualTo(stamp);
  }

  @Test
  void randomNumbersDependOnTheSeedAlone() {
    Einkorn.seed(3);
    float[] a = Tensor.rand(1001).toFloats(), b = Tensor.rand(1001).toFloats();
    Einkorn.seed(3);
    assertThat(Tensor.rand(1001).toFloats()).isEqualTo(a).isNotEqualTo(b);
    Tensor n = Tensor.randn(100_000);
    assertThat(n.mean().item()).isBetween(-0.02f, 0.02f);
    assertThat(n.square().mean().item()).isBetween(0.97f, 1.03f);
    Tensor u = Tensor.rand(100_000);
    assertThat(u.min().item()).isBetween(0f, 0.001f);
    assertThat(u.max().item()).isBetween(0.999f, 0.99999999f);
  }

  @Test
  void itemIsAFloatWhateverTheType() {
    assertThat(Tensor.of(2.5f).item()).isEqualTo(2.5f);
    assertThat(Tensor.of(7L).item()).isEqualTo(7);
    assertThat(Tensor.of(1f).eq(1).item()).isEqualTo(1);
    assertThatThrownBy(() -> Tensor.zeros(2).item()).isInstanceOf(ShapeException.class).hasMessageContaining("(2)");
  }

  @Test
  void countsTruth() {
    Tensor right = Tensor.of(1f, 2, 3, 4).ge(2);
    assertThat(right.sum().dtype()).isEqualTo(DType.INT64);
    assertThat(right.sum().item()).isEqualTo(3);
    assertThat(right.mean().item()).isEqualTo(0.75f);
    assertThat(right.eq(Tensor.of(1f, 1, 1, 1).eq(1)).sum().item()).isEqualTo(3);
    assertThat(Tensor.of(new long[] {1, 2, 3, 4}, 2, 2).sum(0).toLongs()).containsExactly(4, 6);
    assertThat(Tensor.of(1L, 2L).mean().item()).isEqualTo(1.5f);
    assertThat(Tensor.of(new byte[] {-1, -1, 2}, 3).sum().item()).isEqualTo(512);
  }

  @Test
  void integersCompareSelectAndMove() {
    Tensor x = Tensor.of(new long[] {1L << 40, (1L << 40) + 1, 3, 3}, 2, 2);
    assertThat(x.argmax().item()).isEqualTo(1);
    assertThat(x.argmax(1).toLongs()).containsExactly(1, 0);
    assertThat(x.argmin(0).toLongs()).containsExactly(1, 1);
    assertThat(x.eq(3).sum().item()).isEqualTo(2);
    assertThat(x.t().reshape(-1).narrow(0, 1, 2).toLongs()).containsExactly(3, (1L << 40) + 1);
    assertThat(Tensor.cat(0, Tensor.of(1L), Tensor.of(2L)).indexSelect(Tensor.of(1L, 1L, 0L)).toLongs())
        .containsExactly(2, 2, 1);
    assertThatThrownBy(() -> x.add(1)).isInstanceOf(DTypeException.class)
        .hasMessageContaining("add: expected float32, got int64")
        .hasMessageContaining(".to(DType.FLOAT32)");
    assertThatThrownBy(() -> x.eq(Tensor.ones(2, 2))).isInstanceOf(DTypeException.class).hasMessageContaining("eq:");
    assertThatThrownBy(() -> x.requiresGrad(true)).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> x.indexSelect(Tensor.of(0L, 2L))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2");
  }

  @Test
  void comparesWithNaN() {
    Tensor x = Tensor.of(Float.NaN, 1);
    assertThat(x.eq(x).toBytes()).containsExactly(0, 1);
    assertThat(x.ne(x).toBytes()).containsExactly(1, 0);
    assertThat(x.max().item()).isNaN();
    assertThat(x.argmax().item()).isEqualTo(0);
    assertThat(x.relu().toFloats()).containsExactly(Float.NaN, 1);
    Tensor p = x.copy().requiresGrad(true);
    p.relu().backward(Tensor.of(2f, 3f));
    assertThat(p.grad().toFloats()).containsExactly(2, 3);
  }

  @Test
  void theFirstOfEqualElementsIsFound() {
    Tensor x = Tensor.of(new float[] {2, 5, 5, 1, 1, 1}, 2, 3);
    assertThat(x.argmax(1).toLongs()).containsExactly(1, 0);
    assertThat(x.argmax().item()).isEqualTo(1);
    assertThat(x.argmin().item()).isEqualTo(3);
    assertThat(x.argmax(-1).toLongs()).containsExactly(1, 0);
  }

  @Test
  void reshapesShareMemoryWhereTheyCan() {
    Tensor x = Tensor.zeros(2, 6), y = x.reshape(3, -1);
    x.fillInPlace(7);
    assertThat(y.shape()).isEqualTo(Shape.of(3, 4));
    assertThat(y.toFloats()).containsOnly(7);
    x.close();
    assertThat(y.toFloats()).containsOnly(7);
    assertThatThrownBy(() -> y.reshape(5, -1)).isInstanceOf(ShapeException.class).hasMessageContaining("(3, 4)");
    assertThatThrownBy(() -> y.reshape(-1, -1)).isInstanceOf(ShapeException.class).hasMessageContaining("only one");
    assertThatThrownBy(() -> y.reshape(0, -1)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> y.reshape(65536, 65536)).isInstanceOf(ShapeException.class);
  }

  @Test
  void anAppendedDimensionAndARemovedOne() {
    Tensor x = Tensor.zeros(2, 3);
    assertThat(x.unsqueeze(-1).shape()).isEqualTo(Shape.of(2, 3, 1));
    assertThat(x.unsqueeze(0).squeeze(0).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(x.squeeze(0)).isSameAs(x);
    assertThat(x.select(1, -1).shape()).isEqualTo(Shape.of(2));
    assertThatThrownBy(() -> x.unsqueeze(4)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> x.select(2, 0)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("narrow: dimension 2");
    assertThatThrownBy(() -> x.narrow(0, 1, 2)).isInstanceOf(ShapeException.class).hasMessageContaining("(2, 3)");
    assertThatThrownBy(() -> x.narrow(0, 1, Integer.MAX_VALUE)).isInstanceOf(ShapeException.class);
  }

  @Test
  void imagesInChannelOrderBecomeChannelsLastWithoutACopy() {
    Tensor nhwc = Tensor.rand(2, 5, 7, 3), x = nhwc.permute(0, 3, 1, 2);
    assertThat(x.format()).isEqualTo(Format.CHANNELS_LAST);
    assertThat(x.address()).isEqualTo(nhwc.address());
    assertThat(x.contiguous().toFloats()).isEqualTo(x.toFloats());
    assertThat(x.channelsLast()).isSameAs(x);
    assertThat(x.contiguous().channelsLast().permute(0, 2, 3, 1).toFloats()).isEqualTo(nhwc.toFloats());
    assertThatThrownBy(() -> Tensor.zeros(2, 3).channelsLast()).isInstanceOf(ShapeException.class);
  }

  @Test
  void changesInPlace() {
    Tensor x = Tensor.zeros(2, 3);
    long before = x.stamp();
    assertThat(x.copyInPlace(Tensor.of(1f, 2, 3))).isSameAs(x);
    x.addInPlace(Tensor.of(new float[] {10, 20}, 2, 1)).mulInPlace(2).addInPlace(-1).mulInPlace(Tensor.of(1f, 0, 1));
    assertThat(x.toFloats()).containsExactly(21, 0, 25, 41, 0, 45);
    assertThat(x.stamp()).isNotEqualTo(before);
    assertThat(x.copyInPlace(Tensor.of(1L, 2L, 3L)).toFloats()).containsExactly(1, 2, 3, 1, 2, 3);
    assertThatThrownBy(() -> x.addInPlace(Tensor.ones(2, 2, 3))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("addInPlace").hasMessageContaining("(2, 2, 3)");
    Tensor images = Tensor.zeros(1, 2, 1, 2).channelsLast().addInPlace(Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 1, 2));
    assertThat(images.toFloats()).containsExactly(1, 2, 3, 4);
    assertThat(x.addInPlace(x).toFloats()).containsExactly(2, 4, 6, 2, 4, 6);
    assertThatThrownBy(() -> x.uniformInPlace(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> x.normalInPlace(Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> x.normalInPlace(0, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void convertsTypesTowardsZero() {
    Tensor x = Tensor.of(-1.7f, 0, 2.9f);
    assertThat(x.to(DType.INT64).toLongs()).containsExactly(-1, 0, 2);
    assertThat(x.to(DType.BOOL).toBytes()).containsExactly(1, 0, 1);
    assertThat(x.to(DType.FLOAT32)).isSameAs(x);
    assertThatThrownBy(x::toLongs).isInstanceOf(DTypeException.class).hasMessageContaining("toLongs");
    assertThatThrownBy(() -> x.to(DType.INT64).toFloats()).isInstanceOf(DTypeException.class);
  }

  @Test
  void saysWhoClosedIt() {
    Tensor x = Tensor.zeros(2, 3), y;
    x.close();
    x.close();
    assertThat(x.isClosed()).isTrue();
    assertThatThrownBy(x::relu).isInstanceOf(ClosedTensorException.class)
        .hasMessage("a tensor of shape (2, 3) was closed by close()");
    assertThatThrownBy(() -> Tensor.ones(2, 3).add(x)).isInstanceOf(ClosedTensorException.class);
    assertThatThrownBy(x::toFloats).isInstanceOf(ClosedTensorException.class);
    assertThatThrownBy(x::keep).isInstanceOf(ClosedTensorException.class);
    assertThat(x).hasToString("float32 (2, 3) closed by close()");
    try (var inner = new Scope()) {
      y = Tensor.ones(1);
    }
    assertThatThrownBy(y::item).isInstanceOf(ClosedTensorException.class).hasMessageContaining("closed by a Scope");
  }

  @Test
  void printsAsPyTorch() {
    assertThat(Tensor.of(new float[][] {{1, 2}, {3, 4}})).hasToString("tensor([[1., 2.],\n        [3., 4.]])");
    assertThat(Tensor.of(1.5f, -2.25f)).hasToString("tensor([ 1.5000, -2.2500])");
    assertThat(Tensor.of(1L, 2L, 30L)).hasToString("tensor([ 1,  2, 30])");
    assertThat(Tensor.of(3f).reshape()).hasToString("tensor(3.)");
    assertThat(Tensor.of(1e-5f, 1)).hasToString("tensor([1.0000e-05, 1.0000e+00])");
    assertThat(Tensor.of(Float.NaN, 1.5f)).hasToString("tensor([   nan, 1.5000])");
    assertThat(Tensor.of(1, 2).gt(1)).hasToString("tensor([false,  true])");
    assertThat(Tensor.of(new byte[] {1, -1}, 2)).hasToString("tensor([  1, 255], dtype=uint8)");
    assertThat(Tensor.zeros(2, 1, 2)).hasToString("tensor([[[0., 0.]],\n\n        [[0., 0.]]])");
    assertThat(Tensor.zeros(2000)).hasToString("tensor([0., 0., 0.,  ..., 0., 0., 0.], shape=(2000))");
    assertThat(Tensor.zeros(300, 7).toString()).isEqualTo("""
        tensor([[0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.],
                ...,
                [0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.]], shape=(300, 7))""");
    assertThat(Tensor.arange(25)).hasToString("""
        tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
                18, 19, 20, 21, 22, 23, 24])""");
    assertThat(Tensor.ones(1).requiresGrad(true)).hasToString("tensor([1.], requiresGrad=true)");
  }

  @Test
  void memoryIsSeenOnlyAsWhatItIs() {
    Tensor x = Tensor.ones(2, 3);
    assertThatThrownBy(() -> x.viewAs(Shape.of(1 << 28))).isInstanceOf(ShapeException.class)
        .hasMessage("a tensor of shape (2, 3) cannot be seen as (268435456)");
    assertThatThrownBy(() -> x.viewAs(Shape.of(3, 2), Format.CHANNELS_LAST)).isInstanceOf(ShapeException.class)
        .hasMessage("channels-last is for four dimensions, not (3, 2)");
    assertThatThrownBy(() -> Tensor.empty(DType.FLOAT32, Format.CHANNELS_LAST, Shape.of(6)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("four dimensions");
    assertThat(x.viewAs(Shape.of(1, 3, 1, 2), Format.CHANNELS_LAST).toFloats()).containsOnly(1).hasSize(6);
  }

  @Test
  void theForcedInstructionSetIsInUse() {
    String forced = System.getenv("EINKORN_ISA");
    assertThat(Einkorn.isa()).isEqualTo(forced != null ? forced : Einkorn.isa()).isIn("avx512", "avx2", "scalar");
  }
}
