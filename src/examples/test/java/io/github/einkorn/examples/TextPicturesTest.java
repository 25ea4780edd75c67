package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.TensorDataset;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextPicturesTest {
  @Test
  void drawsTwoRowsOfPixelsAsOne() {
    Tensor x = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0.5f, 0}, 1, 1, 4, 3);
    Dataset d = new TensorDataset(x, Tensor.of(1L));
    String drawn = TextPictures.draw(d, List.of(new TextPictures.Guess(0, 1, 0, 0.97f)), List.of("a", "b"));
    assertThat(drawn.lines()).containsExactly("++", "@:+", "a (97 %), is b");
    String right = TextPictures.draw(d, List.of(new TextPictures.Guess(0, 1, 1, 1)), List.of("a", "b"));
    assertThat(right.lines().toList()).last().isEqualTo("b (100 %)");
  }

  @Test
  void laysOutTheConfusionMatrix() {
    String table = TextPictures.confusion(new int[][] {{90, 0}, {3, 97}}, List.of("cat", "trousers"));
    assertThat(table.lines().skip(1)).containsExactly(
        "             cat trous",
        "       cat    90     .",
        "  trousers     3    97");
  }
}
