package io.github.einkorn.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.DType;
import io.github.einkorn.InScope;
import io.github.einkorn.Scope;
import io.github.einkorn.Shape;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.AdaptiveAvgPool2d;
import io.github.einkorn.nn.AdaptiveMaxPool2d;
import io.github.einkorn.nn.Functional;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Upsample;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tensors of several pieces. */
@ExtendWith(InScope.class)
class PiecesTest {
  @Test
  void elementsAreAskedForInOrder() {
    int n = 3 * Pieces.SIZE + 7;
    long[] expected = LongStream.range(0, n).map(i -> Long.MAX_VALUE - i).toArray();
    long[] calls = {0};
    Tensor y = Pieces.longs(Shape.of(n), 10, (i, j) -> {
      if (10 * i + j != calls[0]++) throw new AssertionError(i + ", " + j);
      return Long.MAX_VALUE - (10 * i + j);
    });
    assertThat(y.toLongs()).isEqualTo(expected);
    try (var reader = new Pieces.Reader(y)) {
      for (int i : new int[] {0, 1, Pieces.SIZE, n - 1, 5}) assertThat(reader.get(i)).isEqualTo(expected[i]);
    }
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) floats[i] = i;
    assertThat(Pieces.floats(Shape.of(n), n, (i, j) -> j).toFloats()).isEqualTo(floats);
  }

  @Test
  void oneHotAndIdentity() {
    int n = 300;
    float[] eye = new float[n * n];
    for (int i = 0; i < n; i++) eye[i * n + i] = 1;
    assertThat(Tensor.eye(n).toFloats()).isEqualTo(eye);
  }

  /** Along a dimension whose inner ones are more than a piece, less, and none. */
  @Test
  void theFirstOfTheLargestIntegers() {
    int inner = Pieces.SIZE + 1000, n = 3, outer = 2;
    long[] v = new long[outer * n * inner];
    for (int k = 0; k < v.length; k++) v[k] = Long.MAX_VALUE - k * 7919L % 5; // floats would not tell them apart
    long[] expected = new long[outer * inner];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int best = 0;
        for (int k = 1; k < n; k++) if (v[(o * n + k) * inner + i] > v[(o * n + best) * inner + i]) best = k;
        expected[o * inner + i] = best;
      }
    }
    assertThat(Tensor.of(v, outer, n, inner).argmax(1).toLongs()).isEqualTo(expected);
    v[100_000] = 1;
    v[150_000] = 1;
    assertThat(Tensor.of(v).argmin().toLongs()).containsExactly(100_000);
    Tensor rows = Tensor.of(v).reshape(-1, 2);
    assertThat(rows.argmin(1).toLongs()[50_000]).isZero();
    assertThat(rows.argmin(0).toLongs()[0]).isEqualTo(50_000);
  }

  /** What ends in an OutOfMemoryError if it makes an array of the size of a tensor. */
  static final class Large {
    private static void check(boolean right) {
      if (!right) throw new AssertionError();
    }

    public static void main(String[] args) {
      int n = 5_000_000, side = 2300;
      try (var s = new Scope()) {
        check(Tensor.eye(3000).sum().item() == 3000);
      }
      try (var s = new Scope()) {
        Tensor x = Tensor.zeros(n).to(DType.INT64);
        check(x.argmax().item() == 0);
        check(x.reshape(-1, 1).argmin(1).dim(0) == n);
        check(Functional.embedding(x, Tensor.ones(2, 1)).sum().item() == n);
      }
      Tensor image = Tensor.ones(1, 1, 10, 10);
      for (Layer layer : List.<Layer>of(Upsample.to(side, side), Upsample.to(side, side).bilinear(),
          new AdaptiveAvgPool2d(side, side), new AdaptiveMaxPool2d(side, side))) {
        try (var s = new Scope()) {
          check(Math.abs(layer.forward(image).mean().item() - 1) < 1e-4);
        }
      }
      new ReLU().freeze(n).close();
      System.out.println("done");
    }
  }

  @Test
  void nothingOfTheSizeOfATensorIsOnTheJavaHeap() throws Exception {
    var process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx24m", "-cp", System.getProperty("java.class.path"), Large.class.getName()))
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(process.inputReader().readLine()).isEqualTo("done");
    assertThat(process.waitFor()).isZero();
  }
}
