package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import io.github.einkorn.train.ConfusionMatrix;
import io.github.einkorn.train.History;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * The pictures of the lectures. Each method writes one as PNG or SVG, by the ending of the file's name, and returns
 * the file. Maps are drawn in their order, so give a {@link LinkedHashMap}.
 */
public final class Pictures {
  private static final int WIDTH = 900;
  private static final int BINS = 40;

  private Pictures() {}

  /** Training and validation curves over the epochs: the loss and each metric in a panel of its own. */
  public static Path curves(Path file, String title, History history) throws IOException {
    var panels = new LinkedHashMap<String, Map<String, List<Double>>>();
    for (String key : history.keys()) {
      boolean validation = key.startsWith("val_");
      panels.computeIfAbsent(validation ? key.substring(4) : key, k -> new LinkedHashMap<>())
          .put(validation ? "validation" : "training", history.get(key));
    }
    return curves(file, title, "epoch", panels);
  }

  /**
   * Named series over 1, 2, 3, …; the y axis is logarithmic where positive values span more than three powers of ten.
   */
  public static Path curves(Path file, String title, String xLabel, String yLabel,
      Map<String, ? extends List<Double>> series) throws IOException {
    return curves(file, title, xLabel, Map.of(yLabel, series));
  }

  /** Named series over 1, 2, 3, … in a panel for each label of the y axis. */
  public static Path curves(Path file, String title, String xLabel,
      Map<String, ? extends Map<String, ? extends List<Double>>> panels) throws IOException {
    XYPlot first = null;
    var all = new CombinedDomainXYPlot();
    all.setGap(16);
    for (var e : panels.entrySet()) {
      XYPlot panel = Charts.lines(xLabel, e.getKey(), e.getValue());
      if (first == null) {
        first = panel;
        all.setDomainAxis(panel.getDomainAxis());
      }
      all.add(panel);
    }
    if (first == null) throw new IllegalArgumentException("there are no curves to draw");
    // the same names stand in every panel: one legend, from the panel that has most of them
    XYPlot most = first;
    for (Object p : all.getSubplots()) if (((XYPlot) p).getSeriesCount() > most.getSeriesCount()) most = (XYPlot) p;
    all.setFixedLegendItems(most.getLegendItems());
    var chart = Charts.chart(title, all, true);
    int height = 200 + 300 * panels.size();
    return Canvas.write(file, WIDTH, height, g -> chart.draw(g, new Rectangle2D.Double(0, 0, WIDTH, height)));
  }

  /** Filters (n, 1, h, w) or (n, 3, h, w) as tiles, each from black, its least weight, to white, its greatest. */
  public static Path filters(Path file, String title, Tensor filters) throws IOException {
    return Tiles.write(file, title, Map.of(filters.shape().toString(), filters));
  }

  /** Tiles in captioned sections, each (n, 1, h, w) or (n, 3, h, w), as filters before and after training. */
  public static Path tiles(Path file, String title, Map<String, Tensor> sections) throws IOException {
    return Tiles.write(file, title, sections);
  }

  /** The feature maps (1, c, h, w) of one image, one section for each named depth. */
  public static Path featureMaps(Path file, String title, Map<String, Tensor> depths) throws IOException {
    var sections = new LinkedHashMap<String, Tensor>();
    depths.forEach((name, x) -> {
      if (x.rank() != 4 || x.dim(0) != 1) {
        throw new IllegalArgumentException("feature maps of " + name + ": expected (1, c, h, w), got " + x.shape());
      }
      sections.put("%s: %d %s of %d×%d".formatted(name, x.dim(1), x.dim(1) == 1 ? "map" : "maps", x.dim(2), x.dim(3)),
          x.reshape(x.dim(1), 1, x.dim(2), x.dim(3)));
    });
    return Tiles.write(file, title, sections);
  }

  /** Histograms of values side by side, as the activations of each layer, all over [low, high]. */
  public static Path histograms(Path file, String title, Map<String, float[]> columns, double low, double high)
      throws IOException {
    return histogramGrid(file, title, Map.of("", columns), low, high);
  }

  /** A row of histograms for each name, as for each initialization, all over [low, high]. */
  public static Path histogramGrid(Path file, String title, Map<String, ? extends Map<String, float[]>> rows,
      double low, double high) throws IOException {
    int columns = rows.values().stream().mapToInt(Map::size).max().orElse(0);
    if (columns == 0) throw new IllegalArgumentException("there are no histograms to draw");
    int cell = Math.max(200, WIDTH / columns);
    int cellHeight = 210;
    int width = cell * columns;
    int top = 44;
    return Canvas.write(file, width, top + cellHeight * rows.size(), g -> {
      Canvas.centre(g, Canvas.TITLE, title, width / 2.0, 30);
      int y = top;
      for (var row : rows.entrySet()) {
        int x = 0;
        for (var column : row.getValue().entrySet()) {
          XYPlot plot = Charts.histogram("value", "share", column.getValue(), low, high, BINS);
          String name = row.getKey().isEmpty() ? column.getKey() : row.getKey() + ", " + column.getKey();
          var chart = Charts.chart(name, plot, false);
          chart.getTitle().setFont(Canvas.LABEL);
          chart.draw(g, new Rectangle2D.Double(x, y, cell, cellHeight));
          x += cell;
        }
        y += cellHeight;
      }
    });
  }

  /** Rows are true classes, columns what was said; counts in cells, which are the darker, the more of their row. */
  public static Path confusion(Path file, String title, int[][] counts, List<String> classes) throws IOException {
    return Confusion.write(file, title, counts, classes);
  }

  /** The same of what a metric has counted. */
  public static Path confusion(Path file, String title, ConfusionMatrix matrix, List<String> classes)
      throws IOException {
    int[][] counts = Arrays.stream(matrix.counts()).map(row -> Arrays.stream(row).mapToInt(Math::toIntExact).toArray())
        .toArray(int[][]::new);
    return confusion(file, title, counts, classes);
  }

  /**
   * The ways of optimizers, each a list of points {x, y}, over lines of equal height of f on the rectangle of the two
   * ranges {low, high}.
   */
  public static Path paths(Path file, String title, DoubleBinaryOperator f, double[] xRange, double[] yRange,
      Map<String, ? extends List<double[]>> paths) throws IOException {
    var lines = new XYSeriesCollection();
    paths.forEach((name, points) -> {
      var line = new XYSeries(name, false, true);
      for (double[] p : points) line.add(p[0], p[1], false);
      lines.addSeries(line);
    });
    var x = Charts.axis("x");
    var y = Charts.axis("y");
    x.setRange(xRange[0], xRange[1]);
    y.setRange(yRange[0], yRange[1]);
    XYPlot plot = Charts.style(new XYPlot(lines, x, y, Charts.renderer(lines.getSeriesCount(), true)));
    plot.setDataset(1, Contours.of(f, xRange, yRange, 16));
    var grey = Charts.renderer(0, false);
    grey.setAutoPopulateSeriesPaint(false);
    grey.setAutoPopulateSeriesStroke(false);
    grey.setDefaultPaint(new Color(0xB0B0B0));
    grey.setDefaultStroke(new BasicStroke(1f));
    grey.setDefaultSeriesVisibleInLegend(false);
    plot.setRenderer(1, grey);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinesVisible(false);
    var chart = Charts.chart(title, plot, true);
    return Canvas.write(file, WIDTH, 700, g -> chart.draw(g, new Rectangle2D.Double(0, 0, WIDTH, 700)));
  }
}
