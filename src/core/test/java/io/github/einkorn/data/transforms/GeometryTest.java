package io.github.einkorn.data.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.ShapeException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeometryTest {
  /** The mean of all inputs under a triangle about the output's center, from its definition. */
  private static double resampled(Image in, int c, double y, double x, double scaleY, double scaleX) {
    double sum = 0;
    double total = 0;
    for (int j = 0; j < in.height(); j++) {
      double wy = Math.max(0, 1 - Math.abs(j + 0.5 - (y + 0.5) * scaleY) / Math.max(1, scaleY));
      for (int i = 0; i < in.width(); i++) {
        double wx = Math.max(0, 1 - Math.abs(i + 0.5 - (x + 0.5) * scaleX) / Math.max(1, scaleX));
        sum += wy * wx * in.get(c, j, i);
        total += wy * wx;
      }
    }
    return sum / total;
  }

  @ParameterizedTest
  @CsvSource({"7,9,3,4", "5,5,12,7", "40,30,3,29", "1,1,4,4", "8,6,1,1", "13,2,5,9", "16,16,16,8"})
  void resizeIsPillowsAntialiasedBilinear(int h, int w, int height, int width) {
    Image in = Images.noise(3, h, w, 1);
    Image out = new Resize(height, width).apply(in);
    assertThat(new int[] {out.channels(), out.height(), out.width()}).containsExactly(3, height, width);
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          assertThat((double) out.get(c, y, x))
              .isCloseTo(resampled(in, c, y, x, (double) h / height, (double) w / width), within(1e-6));
        }
      }
    }
  }

  /** Worked by hand: two pixels as four, and four as two, where the weights are 3/7, 3/7, 1/7. */
  @Test
  void resizeOfKnownValues() {
    assertThat(new Resize(1, 4).apply(Image.of(new float[] {0, 1}, 1, 1, 2)).toFloats())
        .containsExactly(0, 0.25f, 0.75f, 1);
    float[] half = new Resize(1, 2).apply(Image.of(new float[] {7, 14, 21, 0}, 1, 1, 4)).toFloats();
    assertThat(half[0]).isCloseTo(3 + 6 + 3, within(1e-5f));
    assertThat(half[1]).isCloseTo(2 + 9 + 0, within(1e-5f));
  }

  @Test
  void resizeKeepsTheProportion() {
    assertThat(new Resize(256).apply(Images.noise(1, 375, 500, 1)).toString()).isEqualTo("Image(1, 256, 341)");
    assertThat(new Resize(20).apply(Images.noise(1, 50, 30, 1)).toString()).isEqualTo("Image(1, 33, 20)");
    assertThat(new Resize(8).apply(Images.noise(1, 4, 4, 1)).toString()).isEqualTo("Image(1, 8, 8)");
    Image same = Images.noise(1, 4, 6, 1);
    assertThat(new Resize(4).apply(same)).isSameAs(same);
    assertThatThrownBy(() -> new Resize(256).apply(Images.noise(1, 1, 60_000, 1))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("1×60000").hasMessageContaining("Resize(height, width)");
    assertThatThrownBy(() -> new Resize(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void centerCropRoundsAsTorchvision() {
    // Python's round(2.5) is 2, round(1.5) is 2
    Image in = Images.places(10, 8);
    Image out = new CenterCrop(5).apply(in);
    assertThat(out.get(0, 0, 0)).isEqualTo(in.get(0, 2, 2));
    assertThat(out.get(0, 4, 4)).isEqualTo(in.get(0, 6, 6));
    assertThatThrownBy(() -> new CenterCrop(227).apply(Images.noise(3, 100, 300, 1))).isInstanceOf(ShapeException.class)
        .hasMessage("CenterCrop: the image has 100×300 pixels (height × width), too few for 227×227: put a Resize or "
            + "Pad before it");
  }

  @Test
  void randomCropsComeFromEverywhere() {
    Image in = Images.places(7, 6);
    Set<Float> corners = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      Image out = new RandomCrop(4, 3).apply(in, new Draws(1, i));
      float corner = out.get(0, 0, 0);
      corners.add(corner);
      int at = Math.round(corner * 42) - 1;
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 3; x++) assertThat(out.get(0, y, x)).isEqualTo(in.get(0, at / 6 + y, at % 6 + x));
      }
    }
    assertThat(corners).hasSize(4 * 4);
  }

  @Test
  void paddingComesIntoRandomCrops() {
    Image in = Images.flat(4, 4, 1);
    Set<Long> ones = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      float[] out = new RandomCrop(4).padding(2).apply(in, new Draws(2, i)).toFloats();
      long count = 0;
      for (float v : out) count += v == 1 ? 1 : 0;
      ones.add(count);
    }
    // 2, 3 or 4 rows of the image times 2, 3 or 4 columns
    assertThat(ones).containsExactlyInAnyOrder(4L, 6L, 8L, 9L, 12L, 16L);
    Image grown = new RandomCrop(6, 3).padIfNeeded(true).fill(0.5).apply(in, new Draws(2, 0));
    assertThat(grown.toString()).isEqualTo("Image(1, 6, 3)");
    assertThat(grown.toFloats()).contains(0.5f, 1f);
    assertThatThrownBy(() -> new RandomCrop(9).padding(2).apply(in, new Draws(0, 0))).isInstanceOf(ShapeException.class)
        .hasMessageContaining("4×4").hasMessageContaining("9×9 even with 2 more on each side");
    assertThatThrownBy(() -> new RandomCrop(5).padding(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void padAndShift() {
    Image in = Images.places(2, 3);
    Image padded = new Pad(1, 0.5f).apply(in);
    assertThat(padded.toString()).isEqualTo("Image(1, 4, 5)");
    assertThat(padded.get(0, 0, 0)).isEqualTo(0.5f);
    assertThat(padded.get(0, 2, 3)).isEqualTo(in.get(0, 1, 2));
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      Image out = new RandomShift(1, 2, 0).apply(in, new Draws(3, i));
      boolean found = false;
      for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -2; dx <= 2; dx++) {
          boolean same = true;
          for (int y = 0; y < 2; y++) {
            for (int x = 0; x < 3; x++) {
              boolean inside = y - dy >= 0 && y - dy < 2 && x - dx >= 0 && x - dx < 3;
              same &= out.get(0, y, x) == (inside ? in.get(0, y - dy, x - dx) : 0);
            }
          }
          if (same) seen.add(dy + " " + dx);
          found |= same;
        }
      }
      assertThat(found).isTrue();
    }
    assertThat(seen).hasSize(15);
    // moved out of sight altogether
    for (int i = 0; i < 50; i++) new RandomShift(20).apply(in, new Draws(4, i));
  }

  @Test
  void flips() {
    Image in = Images.noise(3, 4, 5, 9);
    Image across = new RandomHorizontalFlip(1).apply(in, new Draws(0, 0));
    Image down = new RandomVerticalFlip(1).apply(in, new Draws(0, 0));
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 5; x++) {
          assertThat(across.get(c, y, x)).isEqualTo(in.get(c, y, 4 - x));
          assertThat(down.get(c, y, x)).isEqualTo(in.get(c, 3 - y, x));
        }
      }
    }
    int flipped = 0;
    for (int i = 0; i < 1000; i++) flipped += new RandomHorizontalFlip().apply(in, new Draws(1, i)) == in ? 0 : 1;
    assertThat(flipped).isBetween(440, 560);
    assertThat(new RandomVerticalFlip(0).apply(in, new Draws(0, 0))).isSameAs(in);
    assertThatThrownBy(() -> new RandomVerticalFlip(1.5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWholeWindowOfARandomResizedCropIsAResize() {
    Image in = Images.noise(3, 20, 20, 4);
    Image out = new RandomResizedCrop(8).scale(1, 1).ratio(1, 1).apply(in, new Draws(0, 0));
    assertThat(out.toFloats()).isEqualTo(new Resize(8, 8).apply(in).toFloats());
    // no window of this proportion has the whole area: the largest one in the middle
    Image long1 = new RandomResizedCrop(4).scale(1, 1).apply(Images.noise(1, 6, 30, 5), new Draws(0, 0));
    Image middle = new Resize(4, 4).apply(new CenterCrop(6, 8).apply(Images.noise(1, 6, 30, 5)));
    assertThat(long1.toFloats()).isEqualTo(middle.toFloats());
    assertThatThrownBy(() -> new RandomResizedCrop(8).scale(0.5, 0.2)).isInstanceOf(IllegalArgumentException.class);
  }

  /** On an image whose value is its column, the window's width can be read off the slope. */
  @Test
  void randomResizedCropsHaveTheAreasAndProportionsAskedFor() {
    int n = 200;
    float[] columns = new float[n * n];
    float[] rows = new float[n * n];
    for (int i = 0; i < n * n; i++) {
      columns[i] = i % n;
      rows[i] = i / n;
    }
    float[] both = java.util.Arrays.copyOf(columns, 2 * n * n);
    System.arraycopy(rows, 0, both, n * n, n * n);
    Image in = Image.of(both, 2, n, n);
    double least = 1;
    double most = 0;
    for (int i = 0; i < 300; i++) {
      Image out = new RandomResizedCrop(10).apply(in, new Draws(5, i));
      double w = (out.get(0, 5, 6) - out.get(0, 5, 4)) / 2 * 10;
      double h = (out.get(1, 6, 5) - out.get(1, 4, 5)) / 2 * 10;
      double area = w * h / (n * n);
      least = Math.min(least, area);
      most = Math.max(most, area);
      assertThat(w / h).isBetween(0.72, 1.38);
      assertThat(area).isBetween(0.07, 1.02);
    }
    assertThat(least).isLessThan(0.12);
    assertThat(most).isGreaterThan(0.9);
  }
}
