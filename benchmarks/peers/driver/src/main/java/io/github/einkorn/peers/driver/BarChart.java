package io.github.einkorn.peers.driver;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Rectangle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.util.List;
import java.util.TreeSet;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.SVGUnits;

/** How many times longer the best peer takes, as bars, one for each number of threads. */
final class BarChart {
  private static final int WIDTH = 900;
  private static final int ROW = 16;
  private static final int FRAME = 110;
  private static final Color[] COLORS = {new Color(0xC9A227), new Color(0x5B7F3A), new Color(0x3A6B7F)};

  private BarChart() {}

  /** Draws it into an SVG file; false if there is nothing to draw. */
  static boolean write(List<Comparison> all, Path file) throws IOException {
    var data = new DefaultCategoryDataset();
    var threads = new TreeSet<Integer>();
    for (Comparison c : all) if (c.ratio().isPresent()) threads.add(c.threads());
    for (int n : threads) { // the series in their order, whichever task comes first
      for (Comparison c : all) {
        if (c.threads() == n) c.ratio().ifPresent(r -> data.addValue(r.value(), series(n), c.task().toString()));
      }
    }
    if (data.getColumnCount() == 0) return false;
    int height = FRAME + ROW * data.getColumnCount() * (data.getRowCount() + 1);
    var svg = new SVGGraphics2D(WIDTH, height, SVGUnits.PX);
    chart(data).draw(svg, new Rectangle(WIDTH, height));
    Files.writeString(file, svg.getSVGElement());
    return true;
  }

  private static String series(int threads) {
    return threads == 0 ? "whatever the threads" : threads == 1 ? "1 thread" : threads + " threads";
  }

  private static JFreeChart chart(DefaultCategoryDataset data) {
    JFreeChart chart = ChartFactory.createBarChart("Time of the best peer / Einkorn's", null, null, data,
        PlotOrientation.HORIZONTAL, true, false, false);
    chart.setBackgroundPaint(Color.WHITE);
    CategoryPlot plot = chart.getCategoryPlot();
    plot.setBackgroundPaint(Color.WHITE);
    plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
    plot.setOutlineVisible(false);
    plot.addRangeMarker(new ValueMarker(1, Color.BLACK, new BasicStroke(1)));
    plot.getDomainAxis().setMaximumCategoryLabelWidthRatio(0.5f);
    ((NumberAxis) plot.getRangeAxis()).setUpperMargin(0.1); // room for the labels
    var bars = (BarRenderer) plot.getRenderer();
    bars.setBarPainter(new StandardBarPainter());
    bars.setShadowVisible(false);
    bars.setItemMargin(0);
    bars.setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", new DecimalFormat("0.00")));
    bars.setDefaultItemLabelsVisible(true);
    for (int i = 0; i < data.getRowCount(); i++) bars.setSeriesPaint(i, COLORS[i % COLORS.length]);
    return chart;
  }
}
