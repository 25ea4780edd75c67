package io.github.einkorn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.TensorDataset;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MSELoss;
import io.github.einkorn.optim.SGD;
import io.github.einkorn.train.ConfusionMatrix;
import io.github.einkorn.train.Trainer;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  private static final int BLACK = 0xFF000000;
  private static final int WHITE = 0xFFFFFFFF;
  private static final int BLUE = Charts.color(0).getRGB();

  @TempDir Path folder;

  private BufferedImage read(Path file, int width, int height) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(width);
    assertThat(image.getHeight()).isEqualTo(height);
    return image;
  }

  /** How many pixels of a colour there are in columns [from, to). */
  private static int count(BufferedImage image, int rgb, int from, int to) {
    int n = 0;
    for (int x = from; x < to; x++) for (int y = 0; y < image.getHeight(); y++) if (image.getRGB(x, y) == rgb) n++;
    return n;
  }

  private static Map<String, List<Double>> series() {
    var series = new LinkedHashMap<String, List<Double>>();
    series.put("training", List.of(3.0, 2.0, 1.0));
    series.put("validation", List.of(3.0, 2.5, 2.4));
    return series;
  }

  @Test
  void curvesFallWhereTheNumbersDo() throws IOException {
    var down = Map.of("down", List.of(3.0, 2.0, 1.0));
    BufferedImage image = read(Pictures.curves(folder.resolve("a/b.png"), "Cost", "epoch", "cost", down), 900, 500);
    assertThat(mean(image, 100, 200)).isLessThan(150); // y grows downwards
    assertThat(mean(image, 750, 850)).isGreaterThan(300);
  }

  /** The mean height of blue pixels above the legend, in columns [from, to). */
  private static double mean(BufferedImage image, int from, int to) {
    double sum = 0;
    int n = 0;
    for (int x = from; x < to; x++) {
      for (int y = 0; y < 440; y++) {
        if (image.getRGB(x, y) != BLUE) continue;
        sum += y;
        n++;
      }
    }
    assertThat(n).isPositive();
    return sum / n;
  }

  @Test
  void aHistoryHasOnePanelForEachMetricAndBothLinesInIt() throws IOException {
    var data = new DataLoader(new TensorDataset(Tensor.rand(8, 2), Tensor.rand(8, 1))).batchSize(4);
    var model = new Linear(2, 1);
    var history = new Trainer(model).loss(new MSELoss()).optimizer(new SGD(model.parameters(), 0.1)).verbose(0)
        .fit(data, data, 3);
    BufferedImage image = read(Pictures.curves(folder.resolve("h.png"), "Loss", history), 900, 500);
    assertThat(count(image, BLUE, 0, 900)).isPositive();
    assertThat(count(image, Charts.color(1).getRGB(), 0, 900)).isPositive();
  }

  @Test
  void aValueThatIsNoNumberIsAGap() throws IOException {
    var gap = Map.of("cost", List.of(1.0, Double.NaN, Double.POSITIVE_INFINITY, 1.0));
    read(Pictures.curves(folder.resolve("gap.png"), "Gap", "epoch", "cost", gap), 900, 500);
  }

  @Test
  void theLeastWeightIsBlackAndTheGreatestWhite() throws IOException {
    Tensor x = Tensor.of(new float[] {-1, 0, 1, 0, 5, 7, 6, 5}, 2, 1, 2, 2);
    BufferedImage image = read(Pictures.filters(folder.resolve("f.png"), "Filters", x), 480,
        Tiles.TITLE + Tiles.CAPTION + 80 + Tiles.GAP + Tiles.MARGIN);
    int left = Tiles.MARGIN;
    int top = Tiles.TITLE + Tiles.CAPTION;
    assertThat(image.getRGB(left + 1, top + 1)).isEqualTo(BLACK); // each pixel is 40×40
    assertThat(image.getRGB(left + 39, top + 39)).isEqualTo(BLACK);
    assertThat(image.getRGB(left + 41, top + 1)).isEqualTo(new Color(128, 128, 128).getRGB());
    assertThat(image.getRGB(left + 1, top + 41)).isEqualTo(WHITE);
    int second = left + 80 + Tiles.GAP; // has its own scale
    assertThat(image.getRGB(second + 1, top + 1)).isEqualTo(BLACK);
    assertThat(image.getRGB(second + 41, top + 1)).isEqualTo(WHITE);
    assertThat(image.getRGB(second - 2, top + 1)).isEqualTo(WHITE); // the gap
  }

  @Test
  void threeChannelsAreColours() throws IOException {
    Tensor x = Tensor.of(new float[] {1, 0, 0, 0, 0, 1}, 1, 3, 1, 2); // red, then blue
    BufferedImage image = read(Pictures.filters(folder.resolve("c.png"), "Colours", x), 480,
        Tiles.TITLE + Tiles.CAPTION + 40 + Tiles.GAP + Tiles.MARGIN);
    int top = Tiles.TITLE + Tiles.CAPTION;
    assertThat(image.getRGB(Tiles.MARGIN + 5, top + 5)).isEqualTo(Color.RED.getRGB());
    assertThat(image.getRGB(Tiles.MARGIN + 45, top + 5)).isEqualTo(Color.BLUE.getRGB());
  }

  @Test
  void featureMapsStandByDepth() throws IOException {
    var depths = new LinkedHashMap<String, Tensor>();
    depths.put("conv1", Tensor.of(new float[] {0, 1}, 1, 2, 1, 1));
    depths.put("conv2", Tensor.of(new float[] {0, 1, 1, 1}, 1, 1, 2, 2));
    int section = Tiles.CAPTION + 80 + Tiles.GAP + Tiles.MARGIN;
    BufferedImage image = read(Pictures.featureMaps(folder.resolve("m.png"), "Maps", depths), 480,
        Tiles.TITLE + 2 * section);
    int second = Tiles.TITLE + section + Tiles.CAPTION;
    assertThat(image.getRGB(Tiles.MARGIN + 5, second + 5)).isEqualTo(BLACK);
    assertThat(image.getRGB(Tiles.MARGIN + 45, second + 5)).isEqualTo(WHITE);
    Map<String, Tensor> two = Map.of("a", Tensor.zeros(2, 1, 3, 3));
    assertThatThrownBy(() -> Pictures.featureMaps(folder.resolve("m.png"), "Maps", two))
        .hasMessageContaining("feature maps of a").hasMessageContaining("(2, 1, 3, 3)");
  }

  @Test
  void barsStandWhereTheValuesAre() throws IOException {
    var layers = new LinkedHashMap<String, float[]>();
    layers.put("layer 1", new float[] {0.1f, 0.12f, 0.11f});
    layers.put("layer 2", new float[] {0.9f, 0.88f, 0.91f});
    BufferedImage image = read(Pictures.histograms(folder.resolve("b.png"), "Activations", layers, 0, 1), 900, 254);
    assertThat(count(image, BLUE, 0, 225)).isPositive();
    assertThat(count(image, BLUE, 300, 450)).isZero();
    assertThat(count(image, BLUE, 450, 675)).isZero();
    assertThat(count(image, BLUE, 750, 900)).isPositive();
  }

  @Test
  void aCellOfTheConfusionMatrixIsTheDarkerTheMoreOfItsRow() throws IOException {
    int[][] counts = {{90, 10}, {0, 100}};
    Path file = Pictures.confusion(folder.resolve("k.png"), "Confusion", counts, List.of("cat", "dog"));
    BufferedImage image = ImageIO.read(file.toFile());
    int[] brightness = new int[4];
    for (int i = 0; i < 4; i++) {
      int x = Confusion.left(3) + i % 2 * Confusion.CELL + 5;
      brightness[i] = new Color(image.getRGB(x, Confusion.TOP + i / 2 * Confusion.CELL + 5)).getRed();
    }
    assertThat(brightness[2]).isEqualTo(255);
    assertThat(brightness[3]).isZero();
    assertThat(brightness[0]).isBetween(1, brightness[1] - 1);
    assertThatThrownBy(() -> Pictures.confusion(file, "Confusion", counts, List.of("cat")))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2 rows for 1 classes");
  }

  @Test
  void aMetricIsDrawnAsItsCounts() throws IOException {
    var metric = new ConfusionMatrix();
    metric.update(Tensor.eye(2), Tensor.of(0L, 0L));
    Path file = Pictures.confusion(folder.resolve("m.png"), "Confusion", metric, List.of("cat", "dog"));
    int[][] counts = {{1, 1}, {0, 0}};
    Path same = Pictures.confusion(folder.resolve("s.png"), "Confusion", counts, List.of("cat", "dog"));
    assertThat(file).hasSameBinaryContentAs(same);
  }

  @Test
  void contoursOfABowlAreCircles() {
    var lines = Contours.of((x, y) -> x * x + y * y, new double[] {-1, 1}, new double[] {-1, 1}, 5);
    assertThat(lines.getSeriesCount()).isEqualTo(5);
    double last = 0;
    for (int k = 0; k < 5; k++) {
      double least = Double.POSITIVE_INFINITY;
      double most = 0;
      for (int i = 0; i < lines.getItemCount(k); i++) {
        double r = Math.hypot(lines.getXValue(k, i), lines.getYValue(k, i));
        if (Double.isNaN(r)) continue;
        least = Math.min(least, r);
        most = Math.max(most, r);
      }
      assertThat(most - least).isLessThan(1e-4);
      assertThat(least).isGreaterThan(last);
      last = most;
    }
  }

  @Test
  void anOptimizersPathRunsOverTheContours() throws IOException {
    List<double[]> path = List.of(new double[] {-0.9, -0.9}, new double[] {0, 0});
    Path file = Pictures.paths(folder.resolve("p.png"), "Paths", (x, y) -> x * x + y * y, new double[] {-1, 1},
        new double[] {-1, 1}, Map.of("GD", path));
    BufferedImage image = read(file, 900, 700);
    assertThat(count(image, BLUE, 100, 450)).isGreaterThan(100);
    assertThat(count(image, BLUE, 550, 900)).isZero();
    int contours = 0; // on both sides; thin lines, smoothed into lighter greys
    for (int grey = 0xB0; grey < 0xE0; grey++) contours += count(image, 0xFF000000 | grey * 0x010101, 550, 880);
    assertThat(contours).isGreaterThan(100);
  }

  @Test
  void svgIsXmlWithTheTitleInIt() throws Exception {
    var files = new ArrayList<Path>();
    files.add(Pictures.curves(folder.resolve("1.svg"), "A title", "epoch", "cost", series()));
    files.add(Pictures.filters(folder.resolve("2.SVG"), "A title", Tensor.rand(3, 1, 5, 5)));
    files.add(Pictures.confusion(folder.resolve("3.svg"), "A title", new int[][] {{1, 2}, {3, 4}}, List.of("a", "b")));
    files.add(Pictures.histograms(folder.resolve("4.svg"), "A title", Map.of("layer", new float[] {1, 2}), 0, 3));
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    for (Path file : files) {
      var svg = factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
      assertThat(svg.getTagName()).isEqualTo("svg");
      assertThat(svg.getAttribute("width")).isNotEmpty();
      assertThat(svg.getTextContent()).contains("A title");
    }
  }

  @Test
  void whatCannotBeDrawnIsExplained() {
    assertThatThrownBy(() -> Pictures.curves(folder.resolve("a.gif"), "t", "x", "y", series()))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(".png or .svg");
    assertThatThrownBy(() -> Pictures.filters(folder.resolve("a.png"), "t", Tensor.zeros(2, 2, 3, 3)))
        .isInstanceOf(ShapeException.class).hasMessageContaining("(2, 2, 3, 3)");
    assertThatThrownBy(() -> Pictures.histograms(folder.resolve("a.png"), "t", Map.of(), 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Files.exists(folder.resolve("a.png"))).isFalse();
  }
}
