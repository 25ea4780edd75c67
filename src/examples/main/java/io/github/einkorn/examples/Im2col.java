package io.github.einkorn.examples;

import static io.github.einkorn.nn.Functional.col2im;
import static io.github.einkorn.nn.Functional.conv2d;
import static io.github.einkorn.nn.Functional.im2col;
import static io.github.einkorn.nn.Functional.maxPool2d;
import static io.github.einkorn.nn.Functional.upsampleNearest;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.Mnist;
import io.github.einkorn.nn.Window;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * Convolution and pooling as the lecture builds them, on rows of im2col, beside the library's kernels;
 * and what tells a convolution from a cross-correlation. Three shapes are the lecture's figures.
 */
@Command(name = "Im2col", header = "S4", description = "Convolution and pooling by im2col, as the library's own")
final class Im2col extends Example {
  /** The lecture's Convolution.forward, with W (FN, C, FH, FW) and b (FN). */
  static Tensor convolution(Tensor x, Tensor w, Tensor b, int stride, int pad) {
    int filters = w.dim(0);
    var window = Window.of(w.dim(2), w.dim(3)).stride(stride).pad(pad);
    int outH = window.height().out(x.dim(2));
    int outW = window.width().out(x.dim(3));
    Tensor col = im2col(x, window);
    Tensor colW = w.reshape(filters, -1).t();
    Tensor out = col.matmul(colW).add(b);
    // the note has 1 in place of -1, which fits a single filter alone
    return out.reshape(x.dim(0), outH, outW, -1).permute(0, 3, 1, 2);
  }

  /**
   * The lecture's Pooling.forward. The note leaves the padding out of the output's size, and pads with the zeros of
   * im2col, which would win over negative values; here -∞ does not.
   */
  static Tensor pooling(Tensor x, int size, int stride, int pad) {
    Tensor padded = x.pad2d(pad, pad, pad, pad, Double.NEGATIVE_INFINITY);
    var window = Window.of(size).stride(stride);
    int outH = window.height().out(padded.dim(2));
    int outW = window.width().out(padded.dim(3));
    Tensor col = im2col(padded, window).reshape(-1, size * size); // every channel by itself
    Tensor out = col.max(1);
    return out.reshape(x.dim(0), outH, outW, x.dim(1)).permute(0, 3, 1, 2);
  }

  /** A filter (1, 1, h, w) turned by half, which makes a cross-correlation a convolution. */
  static Tensor flip(Tensor filter) {
    float[] v = filter.toFloats();
    float[] flipped = new float[v.length];
    for (int i = 0; i < v.length; i++) flipped[i] = v[v.length - 1 - i];
    return Tensor.of(flipped, filter.shape().dims());
  }

  @Override
  List<Figure> run() throws IOException {
    Tensor x1 = Tensor.rand(1, 3, 7, 7);
    Tensor col1 = im2col(x1, Window.of(5));
    System.out.println(col1.shape());
    Tensor x2 = Tensor.randn(10, 3, 7, 7);
    Tensor col2 = im2col(x2, Window.of(5));
    System.out.println(col2.shape());
    Tensor w = Tensor.randn(10, 3, 5, 5);
    String wide = w.reshape(10, -1).shape().toString();
    System.out.println(wide);
    System.out.printf("%d values for the %d of the image, as windows overlap%n", col1.size(), x1.size());

    Tensor c = Tensor.randn(90, 75);
    double there = dot(col2, c);
    double back = dot(x2, col2im(c, new int[] {10, 3, 7, 7}, Window.of(5)));
    double adjoint = Math.abs(there - back) / Math.sqrt(dot(col2, col2) * dot(c, c));
    System.out.printf("<im2col x, c> = %.6f, <x, col2im c> = %.6f%n", there, back);

    Tensor b = Tensor.randn(10);
    double convolved = apart(convolution(x2, w, b, 2, 1), conv2d(x2, w, b, Window.of(5).stride(2).pad(1)));
    double pooled = apart(pooling(x2, 3, 2, 1), maxPool2d(x2, Window.of(3).stride(2).pad(1)));
    System.out.printf("By im2col and by kernels, difference: convolution %.1e, pooling %.1e%n", convolved, pooled);
    String mistake = "";
    try {
      col2.matmul(w.reshape(10, -1).t()).reshape(10, 3, 3, 1);
    } catch (ShapeException e) {
      mistake = e.getMessage();
      System.out.println("With 1 in place of -1: " + mistake);
    }

    Tensor x = Tensor.of(new float[] {1, 2, 3, 0, 0, 1, 2, 3, 3, 0, 1, 2, 2, 3, 0, 1}, 1, 1, 4, 4);
    Tensor filter = Tensor.of(new float[] {2, 0, 1, 0, 1, 2, 1, 0, 2}, 1, 1, 3, 3);
    String correlation = Arrays.toString(conv2d(x, filter, null, Window.of(3)).toFloats());
    String convolution = Arrays.toString(conv2d(x, flip(filter), null, Window.of(3)).toFloats());
    System.out.println("correlate2d " + correlation + ", convolve2d " + convolution);

    draw(x1, col1);
    return List.of(
        Figure.equal("im2col of (1, 3, 7, 7), 5×5", "(9, 75)", col1.shape().toString()),
        Figure.equal("im2col of (10, 3, 7, 7), 5×5", "(90, 75)", col2.shape().toString()),
        Figure.equal("W (10, 3, 5, 5) as rows", "(10, 75)", wide),
        Figure.atMost("col2im is the adjoint: difference, of the vectors' lengths", 1e-6, adjoint).own(),
        Figure.atMost("convolution by im2col: difference", 1e-4, convolved).own(),
        Figure.atMost("padded pooling by im2col: difference", 0, pooled).own(),
        Figure.holds("the note's reshape to 1 is refused", !mistake.isEmpty()).own(),
        Figure.equal("correlate2d, by hand", "[15.0, 16.0, 6.0, 15.0]", correlation).own(),
        Figure.equal("convolve2d, by hand", "[11.0, 12.0, 10.0, 11.0]", convolution).own());
  }

  /** An image and its rows; and edges of a digit by correlation and by convolution, which sees them the other way. */
  private void draw(Tensor x, Tensor rows) throws IOException {
    var sections = new LinkedHashMap<String, Tensor>();
    sections.put("x (1, 3, 7, 7): its channels", x.reshape(3, 1, 7, 7));
    sections.put("im2col of x (9, 75): a row for each place of the window, 25 columns for each channel",
        upsampleNearest(rows.reshape(1, 1, 9, 75), 9 * 12, 75 * 12));
    Tensor digit = Mnist.sampleTest().get(0).x().unsqueeze(0);
    Tensor edge = Tensor.of(new float[] {1, 0, -1, 2, 0, -2, 1, 0, -1}, 1, 1, 3, 3);
    sections.put("a digit; correlated with a filter for edges; convolved with it", Tensor.cat(0, digit,
        conv2d(digit, edge, null, Window.same(3)), conv2d(digit, flip(edge), null, Window.same(3))));
    Pictures.tiles(picture("rows.png"), "im2col, correlation and convolution", sections);
  }

  private static double dot(Tensor a, Tensor b) {
    float[] x = a.toFloats();
    float[] y = b.toFloats();
    double sum = 0;
    for (int i = 0; i < x.length; i++) sum += (double) x[i] * y[i];
    return sum;
  }

  private static double apart(Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) return Double.POSITIVE_INFINITY;
    return a.sub(b).abs().max().item();
  }
}
