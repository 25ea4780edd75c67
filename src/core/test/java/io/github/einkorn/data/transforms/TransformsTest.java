package io.github.einkorn.data.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.Shape;
import io.github.einkorn.ShapeException;
import org.junit.jupiter.api.Test;

class TransformsTest {
  @Test
  void stepsFollowEachOther() {
    Image in = Images.noise(3, 20, 30, 1);
    Transforms row = Transforms.of(new Resize(12), new CenterCrop(8), new ToTensor(), Normalize.imageNet());
    assertThat(row.random()).isFalse();
    assertThat(row.apply(in).toFloats())
        .isEqualTo(Normalize.imageNet().apply(new CenterCrop(8).apply(new Resize(12).apply(in))).toFloats());
    Transforms random = Transforms.of(new Resize(12), new RandomCrop(8));
    assertThat(random.random()).isTrue();
    assertThat(random.apply(in, new Draws(1, 2)).toFloats()).isEqualTo(random.apply(in, new Draws(1, 2)).toFloats());
    assertThat(random.apply(in, new Draws(1, 2)).toFloats()).isNotEqualTo(random.apply(in, new Draws(1, 3)).toFloats());
    assertThat(random.apply(in, new Draws(1, 2)).toFloats()).isNotEqualTo(random.apply(in, new Draws(2, 2)).toFloats());
    assertThatThrownBy(() -> random.apply(in)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("new Draws(seed, index)");
    assertThatThrownBy(() -> Transforms.of(new ToTensor(), null)).isInstanceOf(NullPointerException.class)
        .hasMessage("steps[1]");
  }

  @Test
  void functionsAreTransforms() {
    FixedTransform negative = image -> {
      float[] v = image.toFloats();
      for (int i = 0; i < v.length; i++) v[i] = 1 - v[i];
      return Image.of(v, image.channels(), image.height(), image.width());
    };
    Image in = Images.noise(1, 2, 2, 3);
    assertThat(Transforms.of(negative, negative).random()).isFalse();
    assertThat(negative.apply(in).get(0, 1, 1)).isEqualTo(1 - in.get(0, 1, 1));
    int applied = 0;
    for (int i = 0; i < 1000; i++) {
      applied += new RandomApply(negative, 0.2).apply(in, new Draws(0, i)) == in ? 0 : 1;
    }
    assertThat(applied).isBetween(150, 250);
  }

  @Test
  void bytesAreValuesBetween0And1() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) all[i] = (byte) i;
    Image in = Image.of(all, 1, 16, 16);
    float[] floats = new ToTensor().apply(in).toFloats();
    for (int i = 0; i < 256; i++) {
      assertThat(floats[i]).isEqualTo(i / 255f);
      assertThat(in.get(0, i / 16, i % 16)).isEqualTo(i / 255f);
    }
    assertThat(in.toTensor().shape()).isEqualTo(Shape.of(1, 16, 16));
    assertThat(in.toTensor().toFloats()).isEqualTo(floats);
    assertThatThrownBy(() -> Image.of(all, 3, 16, 16)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("has 768 values, got 256");
    assertThatThrownBy(() -> Image.of(all, 1, 1 << 20, 1 << 20)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Image.of(all, 0, 16, 16)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> in.get(0, 16, 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void drawsAreFairAndUnrelated() {
    int[] count = new int[7];
    double sum = 0;
    double squares = 0;
    double neighbours = 0;
    double before = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      Draws d = new Draws(11, i);
      count[d.integer(7)]++;
      double v = d.normal();
      sum += v;
      squares += v * v;
      neighbours += v * before;
      before = v;
      double u = d.uniform(-2, 3);
      assertThat(u).isBetween(-2.0, 3.0);
    }
    for (int c : count) assertThat(c).isBetween(n / 7 - 250, n / 7 + 250);
    assertThat(sum / n).isCloseTo(0, within(0.03));
    assertThat(squares / n).isCloseTo(1, within(0.05));
    assertThat(neighbours / n).isCloseTo(0, within(0.03));
    assertThatThrownBy(() -> new Draws(0, 0).integer(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
